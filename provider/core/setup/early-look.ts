import type { SesSetupDetailResponse } from "../../../sdk/contract.js";
import { perRun } from "../per-run.js";
import type { World } from "../world.js";

/**
 * How long a resolver remembers that a name does not exist: the negative TTL of a Route 53 zone is 900 seconds by
 * default (RFC 2308, 5: the lesser of the SOA record's TTL and its minimum).
 */
const rememberedMs = 900_000;

/** When this run made the API look, by setup. */
const looks = perRun(() => new Map<string, number>());

/** To be told of every answer in which the API has looked at a setup: what it did not find it may remember. */
export function noteLook(world: Pick<World, "channels" | "clock">, setup: SesSetupDetailResponse): void {
	if (setup.dns_records.every(({ verified }) => verified)) return;
	looks(world).set(setup.id, world.clock.now());
}

/** Until when the API's resolver may say no to what has come since this process made it look; undefined if it need not. */
export function remembersUntil(world: Pick<World, "channels" | "clock">, id: string): number | undefined {
	const at = looks(world).get(id);
	return at !== undefined && at + rememberedMs > world.clock.now() ? at + rememberedMs : undefined;
}
