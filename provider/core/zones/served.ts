import { type RecordCheck, sameText } from "../../../dns/index.js";
import type { DnsRecord } from "../../shapes.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import { UserError } from "../errors.js";
import { jittered } from "../jitter.js";
import type { World } from "../world.js";
import type { DelegatedZone } from "./host.js";

/** AWS: a change generally reaches every name server within 60 seconds. */
const deadlineMs = 10 * 60_000;

/** Whatever else stands at the name, such as a second policy that is left there. */
const isServed = ({ record, servers }: RecordCheck): boolean => {
	const answers = servers.filter(({ state }) => state !== "failed");
	const has = (values: readonly string[]) =>
		values.some((value) => sameText(record.type, value, record.record));
	return answers.length > 0 && answers.every(({ found }) => has(found));
};

/**
 * Waits until every name server of a zone that answers has these records, whoever the domain is delegated to. While none
 * answers nobody can say so. Where servers are given (`channels:dnsServers`), their answers count.
 *
 * @throws UserError where none can be asked from here, DeadlineError after ten minutes, and the reason of a stop.
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
		if (checks.every(isServed)) return;
		const { blocked } = world.lookups;
		if (blocked)
			throw new UserError(
				"dns-unanswered",
				`Whether every name server of ${name} has the records cannot be seen: ${blocked.reason}. Name servers that can be ` +
					"asked by channels:dnsServers.",
			);
		await world.clock.sleep(jittered(pause, world.random), signal);
	}
}
