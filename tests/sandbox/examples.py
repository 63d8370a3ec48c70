"""The same objects as each profile shows them; the customer list, validation and refusal are the contract's own."""

from typing import Any

CUSTOMER: dict[str, Any] = {
    "laravel": {
        "data": [
            {
                "id": 18231,
                "name": "Cliente Exemplo Um",
                "cpf": "52998224725",
                "phone": "11988880001",
                "email": None,
                "birth_date": "1990-05-17",
                "points_balance": "129.90",
                "cashback_balance": "6.50",
                "created_at": "2026-03-01T14:05:09.000000Z",
                "updated_at": "2026-03-02T11:00:00.000000Z",
            }
        ],
        "meta": {"current_page": 1, "last_page": 1, "per_page": 50, "total": 1},
    },
    "bare": [
        {
            "id": 18231,
            "name": "Cliente Exemplo Um",
            "cpf": "529.982.247-25",
            "phone": "(11) 98888-0001",
            "birth_date": "1990-05-17",
            "points_balance": 129.9,
            "cashback_balance": 6.5,
            "created_at": "2026-03-01 11:05:09",
            "updated_at": "2026-03-02 08:00:00",
            "origin_system": "panel",
        }
    ],
    "items": {
        "items": [
            {
                "id": "18231",
                "name": "Cliente Exemplo Um",
                "cpf": "52998224725",
                "phone": "+5511988880001",
                "email": None,
                "birthDate": "1990-05-17",
                "pointsBalance": "129.9",
                "cashbackBalance": "6.5",
                "createdAt": "2026-03-01T11:05:09-03:00",
                "updatedAt": "2026-03-02T08:00:00-03:00",
                "links": {},
            }
        ],
        "page": 1,
        "pages": 1,
        "total": 1,
    },
}
VALIDATED: dict[str, Any] = {
    "laravel": {
        "data": {
            "code": "VALE-7K2M-9Q",
            "status": "used",
            "customer_id": 18231,
            "coupon_id": 41,
            "coupon_name": "Café grátis",
            "origin": "points",
            "value": None,
            "minimum_purchase": None,
            "issued_at": "2026-03-01T14:05:09.000000Z",
            "starts_at": None,
            "expires_at": "2026-05-31T02:59:59.000000Z",
            "used_at": "2026-03-05T17:31:40.000000Z",
            "store": "Loja Centro",
        }
    },
    "bare": {"code": "VALE-7K2M-9Q", "status": "used", "used_at": "2026-03-05 14:31:40"},
    "items": {
        "voucher": {
            "code": "VALE-7K2M-9Q",
            "status": "USED",
            "customerId": "18231",
            "couponId": "41",
            "couponName": "Café grátis",
            "origin": "POINTS",
            "value": None,
            "minimumPurchase": None,
            "issuedAt": "2026-03-01T11:05:09-03:00",
            "startsAt": None,
            "expiresAt": "2026-05-30",
            "usedAt": "2026-03-05T14:31:40-03:00",
            "store": {"id": "7", "name": "Loja Centro"},
            "links": {},
        }
    },
}
REFUSED: dict[str, Any] = {
    "laravel": {
        "message": "Voucher já utilizado.",
        "code": "voucher_used",
        "used_at": "2026-03-05T17:31:40.000000Z",
    },
    "bare": {"error": "Voucher já utilizado."},
    "items": {
        "error": {
            "code": "VOUCHER_USED",
            "message": "Voucher já utilizado.",
            "fields": [],
            "usedAt": "2026-03-05T14:31:40-03:00",
        }
    },
}
SALE: dict[str, Any] = {
    "laravel": {
        "data": {
            "id": 90017,
            "customer_id": 18231,
            "sale_amount": "129.90",
            "cashback_amount": "6.50",
            "points_earned": "129.90",
            "vouchers": [],
            "created_at": "2026-03-01T14:05:09.000000Z",
        }
    },
    "bare": {
        "id": 90017,
        "customer_id": 18231,
        "sale_amount": 129.9,
        "cashback_amount": 6.5,
        "points_earned": 129.9,
        "created_at": "2026-03-01 11:05:09",
    },
    "items": {
        "sale": {
            "id": "90017",
            "customerId": "18231",
            "saleAmount": "129.9",
            "cashbackAmount": "6.5",
            "pointsEarned": "129.9",
            "vouchers": [],
            "createdAt": "2026-03-01T11:05:09-03:00",
            "links": {},
        }
    },
}
COUPON: dict[str, Any] = {
    "laravel": {
        "id": 41,
        "name": "Café grátis",
        "description": "Um café coado.",
        "image_url": None,
        "category_id": 3,
        "points_required": "80.00",
        "stock": 24,
        "limit_per_customer": 1,
        "starts_at": "2026-03-01T03:00:00.000000Z",
        "ends_at": "2026-06-01T02:59:59.000000Z",
        "rules": "Um por cliente.",
        "status": "active",
        "updated_at": "2026-03-01T14:06:00.000000Z",
    },
    "bare": {
        "id": 41,
        "name": "Café grátis",
        "description": "Um café coado.",
        "category_id": 3,
        "points_required": 80,
        "stock": 24,
        "limit_per_customer": 1,
        "starts_at": "2026-03-01 00:00:00",
        "ends_at": "2026-05-31 23:59:59",
        "rules": "Um por cliente.",
        "status": "active",
        "updated_at": "2026-03-01 11:06:00",
    },
    "items": {
        "id": "41",
        "name": "Café grátis",
        "description": "Um café coado.",
        "imageUrl": None,
        "categoryId": "3",
        "pointsRequired": "80",
        "stock": 24,
        "limitPerCustomer": 1,
        "startsAt": "2026-03-01T00:00:00-03:00",
        "endsAt": "2026-05-31",
        "rules": "Um por cliente.",
        "status": "ACTIVE",
        "updatedAt": "2026-03-01T11:06:00-03:00",
        "links": {},
    },
}
ERRORS: dict[str, Any] = {
    "laravel": {
        "message": "Os dados informados são inválidos.",
        "code": "customer_duplicate_cpf",
        "errors": {"cpf": ["Este CPF já está cadastrado."]},
    },
    "bare": {"error": "Os dados informados são inválidos."},
    "items": {
        "error": {
            "code": "CUSTOMER_DUPLICATE_CPF",
            "message": "Os dados informados são inválidos.",
            "fields": [{"field": "cpf", "messages": ["Este CPF já está cadastrado."]}],
        }
    },
}
