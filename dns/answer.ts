/** `REFERRAL`: the name servers to which one server refers for a name, which is no answer of its own. */
export type QueryType = "A" | "AAAA" | "NS" | "SOA" | "MX" | "TXT" | "CNAME" | "REFERRAL";

/**
 * What one look-up came to. `found` values: addresses; host names as served, without a trailing dot (NS,
 * CNAME, one hop); `10 host` (MX, `0 .` for the null MX); the joined text (TXT); `mname rname serial refresh
 * retry expire minimum` (SOA). `none` is a server's definite no; `failed` is no answer at all (`silent`), or a
 * refusal to give one, and worth another try. `authoritative` is seen at a REFERRAL alone: the server that denies it has
 * the zone itself (RFC 1035, 4.1.1: AA), rather than having heard of it.
 */
export type Answer =
	| { kind: "found"; values: string[] }
	| { kind: "none"; reason: "NXDOMAIN" | "NODATA"; authoritative?: true }
	| { kind: "failed"; reason: string; silent?: true };

/** Asks one server (`ip:port`), or the resolvers at hand. */
export type Ask = (name: string, type: QueryType, server?: string) => Promise<Answer>;
