"""What points buy where a platform has no coupons: points products and offers."""
