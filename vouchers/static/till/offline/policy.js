// What a code is worth while the till's own link is down: judged by the snapshot, the store's policy in it
// and what this browser saw since. Pure; times are Unix seconds. Source: docs/contingency.md.

/** A code read again within this many seconds shows its first verdict once more. */
export const REPEAT = 10;
/** Acceptances are counted over this many seconds. */
export const HOUR = 3600;
/** How far the clock may seem to be behind the snapshot. */
const CLOCK = 120;

/** Two amounts as the server writes them ("20.00"), compared without floating point. */
export function isAbove(amount, limit) {
  const cents = (text) => {
    const [whole, part = ""] = text.split(".");
    return BigInt(whole + part.padEnd(2, "0").slice(0, 2));
  };
  return cents(amount) > cents(limit);
}

/** Whether the snapshot was made after the server had been told of this entry: then it is in there. */
const isOlder = (entry, snapshot) => entry.told !== undefined && entry.told + 1 < snapshot.made_at;

/** How many vouchers this till accepted within the last hour: those the server knew of, and ours it did not. */
export function acceptedLately(snapshot, ledger, now) {
  const isLate = (at) => at > now - HOUR;
  const ours = ledger.filter((entry) => entry.accepted && isLate(entry.at) && !isOlder(entry, snapshot));
  return snapshot.accepted_at.filter(isLate).length + ours.length;
}

/** Why nothing may be accepted now, whatever the code: a stage's name, or "" . */
function closed(snapshot, ledger, now) {
  const { policy, release } = snapshot;
  if (policy.mode !== "accept") return "refuse";
  if (snapshot.stale_at === null || now > snapshot.stale_at) return "old";
  // A clock that was put back knows no dates: nothing it calls unexpired is.
  if (now < snapshot.made_at - CLOCK) return "old";
  if (policy.needs_pin && !release) return "unreleased";
  if (policy.needs_pin && now >= release.until) return "released";
  if (acceptedLately(snapshot, ledger, now) >= policy.max_per_hour) return "limit";
  return "";
}

/** Why this line of the snapshot may not be accepted: a stage's name, or "". */
function barred([, expires, value, starts], policy, now) {
  if (expires !== null && now > expires) return "expired";
  if (starts !== null && now < starts) return "early";
  if (value === null || policy.max_value === null) return "worthless";
  return isAbove(value, policy.max_value) ? "dear" : "";
}

/** What this browser saw of the code, unless the snapshot is newer and offers the code again. */
function lastOf(ledger, keys, snapshot, found) {
  return ledger.findLast((entry) => keys.has(entry.key) && !(found && isOlder(entry, snapshot)));
}

/**
 * Judge a code: {stage, entry?}. Stages: `nothing` (no snapshot), `repeated` and `spent` (this browser knows
 * the code, `entry` tells how), `refuse`, `old`, `unreleased`, `released`, `limit`, `unknown`, `cut`, `expired`,
 * `early`, `worthless`, `dear`, and `offer`: a person may accept it.
 * `found` is what `find` of codes.js returned; `ledger` what this browser did, oldest first:
 * {key, id, kind, at, accepted, told}, `told` being when the server knew of it.
 */
export function judge({ snapshot, found, key, ledger, now }) {
  if (!snapshot) return { stage: "nothing" };
  const entry = lastOf(ledger, new Set([key, found?.key]), snapshot, found);
  if (entry) return { stage: now - entry.at <= REPEAT ? "repeated" : "spent", entry };
  const reason = closed(snapshot, ledger, now);
  if (reason) return { stage: reason };
  if (!found) return { stage: snapshot.cut ? "cut" : "unknown" };
  return { stage: barred(found.line, snapshot.policy, now) || "offer" };
}
