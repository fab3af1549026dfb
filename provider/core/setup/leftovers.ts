import type { RecordSet } from "../../../dns/index.js";
import { defaults } from "../../arguments/description.js";
import { desiredSets } from "../../arguments/record-kinds.js";
import type { RecordSetState } from "../../shapes.js";
import { lines } from "../errors.js";
import { resolveRoute53, type SetupOutputs } from "../inputs.js";
import { plan } from "../records/plan.js";
import type { World } from "../world.js";
import { rangesOf } from "../zones/host.js";
import { withoutValues } from "../zones/sets.js";

/** How long the look may take: the setup is gone already, and this is a courtesy. */
const lookMs = 15_000;

/**
 * Names the records of a deleted setup that still stand in its zone. The engine forgets a resource that was
 * being created when the run was killed, so nothing may be left in state that would remove them. They are not
 * touched here: the same is seen where somebody keeps them on purpose (`retainOnDelete`, `state delete`).
 */
export async function tellOfLeftovers(world: World, id: string, setup: SetupOutputs): Promise<void> {
	const { zone, route53, domainIdentity, dnsRecords } = setup;
	if (!zone || !route53 || world.cache.removed.has(id)) return;
	const args = resolveRoute53(route53);
	const desired = desiredSets(dnsRecords, domainIdentity, args);
	const look = world.hosts.route53(args).then((zones) => zones.read(zone.id, rangesOf(desired)));
	const timeUp = world.clock.sleep(lookMs, world.stop).then(() => []);
	const current = await Promise.race([look, timeUp]).catch(() => []);
	const left = leftovers(desired, current, zone.found);
	if (left.length === 0) return;
	world.progress.warn(
		lines(
			`Records of ${domainIdentity} still stand in hosted zone ${zone.name} (${zone.id}), and no resource was there to ` +
				"remove them: a run was killed while it published them, or they were kept on purpose.",
			...left.map(({ name, type, values }) => `  ${name} ${type} ${values.join(", ")}`),
			"Remove them if nothing needs them: a new SesSetup of this domain takes them for somebody else's.",
		),
	);
}

/** What stands of the desired values, and did not before we came: what a removal would take. */
export function leftovers(
	desired: readonly RecordSet[],
	current: readonly RecordSetState[],
	snapshot: readonly RecordSetState[],
): { name: string; type: string; values: readonly string[] }[] {
	const written = withoutValues(desired, snapshot).map(({ name, type, values }) => ({
		...{ name, type, values, ttl: defaults.ttl, others: [] },
	}));
	const ledger = { written, kept: [] };
	const policies = defaults.onConflict;
	return plan({ ledger, current, snapshot, desired: [], ttl: defaults.ttl, policies }).intents.map(
		({ name, type, drop }) => ({ name, type, values: drop }),
	);
}
