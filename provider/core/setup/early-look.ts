import type { SesSetupDetailResponse } from "../../../sdk/contract.js";
import type { World } from "../world.js";

/**
 * How long a resolver remembers that a name does not exist: the negative TTL of a Route 53 zone is 900 seconds by
 * default (RFC 2308, 5: the lesser of the SOA record's TTL and its minimum).
 */
const rememberedMs = 900_000;

const looks = new WeakMap<object, Map<string, number>>();

/** To be told of every answer in which the API has looked at a setup: what it did not find it may remember. */
export function noteLook(
	{ channels, clock }: Pick<World, "channels" | "clock">,
	setup: SesSetupDetailResponse,
): void {
	if (setup.dns_records.every(({ verified }) => verified)) return;
	looks.set(channels, (looks.get(channels) ?? new Map()).set(setup.id, clock.now()));
}

/** Until when the API's resolver may say no to what has come since this process made it look; undefined if it need not. */
export function remembersUntil(
	{ channels, clock }: Pick<World, "channels" | "clock">,
	id: string,
): number | undefined {
	const at = looks.get(channels)?.get(id);
	return at !== undefined && at + rememberedMs > clock.now() ? at + rememberedMs : undefined;
}
