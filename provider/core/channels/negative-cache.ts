import type { SesSetupDetailResponse } from "../../../sdk/contract.js";
import type { Operation } from "../operation.js";

/**
 * How long a resolver remembers that a name does not exist: the negative TTL of a Route 53 zone is 900 seconds by
 * default (RFC 2308, 5: the lesser of the SOA record's TTL and its minimum).
 */
const negativeTtlMs = 900_000;

/** To be told of every answer in which the API has looked at a setup: what it did not find it may remember. */
export function noteLook(
	{ cache, clock }: Pick<Operation, "cache" | "clock">,
	setup: Pick<SesSetupDetailResponse, "id" | "dns_records">,
): void {
	if (setup.dns_records.every(({ verified }) => verified)) return;
	cache.negative.set(setup.id, clock.now() + negativeTtlMs);
}

/** Until when the API's resolver may say no to what has come since this process made it look; undefined if it need not. */
export function remembersUntil(
	{ cache, clock }: Pick<Operation, "cache" | "clock">,
	id: string,
): number | undefined {
	const until = cache.negative.get(id);
	return until !== undefined && until > clock.now() ? until : undefined;
}
