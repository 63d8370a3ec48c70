"""The icons the program uses, by their Tabler names. One list, so that a misspelt name fails at once
and the sprite holds nothing else; `vendor.py` builds the sprite from it."""

# fmt: off
ICONS = frozenset({
    "activity", "adjustments", "alert-circle", "alert-triangle", "arrow-back-up", "arrow-down",
    "arrow-left", "arrow-right", "arrow-up", "award", "ban", "barcode", "basket", "bell", "bolt",
    "brand-whatsapp", "building-store", "bulb", "cake", "calendar", "calendar-due", "calendar-off",
    "camera", "cash", "cash-register", "category", "chart-bar", "chart-line", "check", "chevron-down",
    "chevron-left", "chevron-right", "chevron-up", "circle", "circle-check", "circle-dashed",
    "circle-x", "clipboard-check", "clipboard-list", "clock", "clock-pause", "clock-question",
    "cloud-check", "cloud-off", "coin", "copy", "currency-real", "database", "database-import",
    "device-desktop", "device-tablet", "dots", "dots-vertical", "download", "exclamation-circle",
    "external-link", "eye", "eye-off", "file-spreadsheet", "file-text", "filter", "filter-off", "flag",
    "gift", "heart-rate-monitor", "help-circle", "history", "home", "hourglass", "id-badge-2", "inbox",
    "infinity", "info-circle", "key", "keyboard", "language", "layout-grid", "link", "list", "loader-2",
    "lock", "lock-open", "login", "logout", "mail", "map-pin", "menu-2", "minus", "mood-empty", "moon",
    "notes", "package", "packages", "pencil", "percentage", "phone", "player-pause", "player-play",
    "player-stop", "plug", "plus", "point", "printer", "qrcode", "receipt", "refresh", "rotate",
    "rotate-clockwise", "search", "selector", "send", "server", "settings", "shield-lock",
    "shopping-cart", "sort-ascending", "sort-descending", "stack-2", "star", "sun", "table", "tag",
    "tags", "test-pipe", "ticket", "tool", "transfer", "trash", "trash-x", "trending-down",
    "trending-up", "unlink", "upload", "urgent", "user", "user-off", "user-plus", "users",
    "users-group", "versions", "volume", "volume-off", "wifi", "wifi-off", "world", "x",
    "zoom-question",
})
# fmt: on
