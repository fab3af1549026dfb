import type { DnsRecord } from "../../shapes.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import { jittered } from "../jitter.js";
import type { World } from "../world.js";
import type { DelegatedZone } from "./host.js";

/** AWS: a change generally reaches every name server within 60 seconds. */
const deadlineMs = 10 * 60_000;

/**
 * Waits until no name server of a zone that answers lacks one of these records, whoever the domain is delegated to.
 *
 * @throws DeadlineError after ten minutes, and the reason of a stop.
 */
export async function untilServed(
	world: Pick<World, "clock" | "random" | "lookups" | "stop">,
	{ name, nameServers }: Pick<DelegatedZone, "name" | "nameServers">,
	records: readonly DnsRecord[],
): Promise<void> {
	using deadline = deadlineSignal(
		world.clock,
		deadlineMs,
		world.stop,
		() =>
			new DeadlineError("records-not-served", `every name server of ${name} to have the records`, deadlineMs),
	);
	for (let pause = 500; ; pause = Math.min(pause * 2, 5_000)) {
		const { signal } = deadline;
		const checks = await world.lookups.checkAll(records, { signal, at: { zone: name, nameServers } });
		if (checks.every(({ lacks }) => lacks.length === 0)) return;
		await world.clock.sleep(jittered(pause, world.random), signal);
	}
}
