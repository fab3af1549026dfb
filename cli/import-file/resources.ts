import { canonicalName } from "../../dns/index.js";
import { desiredSets, purposeOfWait } from "../../provider/arguments/record-kinds.js";
import type { Setup } from "../../provider/core/channels/setup.js";
import {
	type RecordsOutputs,
	type ResolvedRoute53Args,
	type Route53Inputs,
	refuseAsked,
	resolveRoute53,
	type SetupInputs,
	type VerificationInputs,
} from "../../provider/core/inputs.js";
import { conflictError } from "../../provider/core/records/conflicts.js";
import { setupOutputs } from "../../provider/core/setup/handler.js";
import { plainRecords } from "../../provider/core/setup/plans.js";
import { preflight } from "../../provider/core/setup/preflight.js";
import { checkedRecords, verificationOutputs } from "../../provider/core/verification/handler.js";
import type { World } from "../../provider/core/world.js";
import { withoutValues } from "../../provider/core/zones/sets.js";
import type { ZoneSnapshot } from "../../provider/shapes.js";
import type { Wait } from "../wait-options.js";
import { type Standing, takeStanding } from "./standing.js";

/** The program that the import is to match. */
export interface Wanted {
	/** The setup's name in the program. */
	name: string;
	route53?: Route53Inputs | undefined;
	wait?: Wait | undefined;
	/** Whether identical records that stand in the zone survive destroy. */
	keepRecords: boolean;
}

/** The inputs and outputs of a setup and its children, as the provider itself would have left them. */
export interface TakenSetup {
	wanted: Wanted;
	setup: State<SetupInputs>;
	records?: State<object> & { outputs: RecordsOutputs };
	verification?: State<VerificationInputs>;
}

export interface State<Inputs> {
	id: string;
	inputs: Inputs;
	outputs: object;
}

/** Looks at a setup and its zone, and changes nothing. @throws UserError when something is in the way */
export async function takeSetup(world: World, found: Setup, wanted: Wanted): Promise<TakenSetup> {
	const { route53, wait } = wanted;
	const domain = canonicalName(found.domain_identity);
	const waitPurpose = wait && purposeOfWait(wait.purpose, route53);
	const inputs: SetupInputs = {
		tenantName: found.tenant_name,
		domainIdentity: domain,
		...(route53 && { route53 }),
		...(waitPurpose && { waitPurpose }),
	};
	const of = { setupId: found.id, dnsRecords: plainRecords(found) };
	refuseAsked(of.dnsRecords, domain, route53 && resolveRoute53(route53).records);
	const published = route53 && (await takeRecords(world, found, wanted, route53));
	const taken: TakenSetup = {
		wanted,
		setup: { id: found.id, inputs, outputs: setupOutputs(inputs, found, published?.zone) },
	};
	if (published) {
		const { zone, standing } = published;
		const inputs = { ...route53, ...of, domain, zone };
		const { written, kept, drift } = standing;
		taken.records = {
			id: found.id,
			inputs,
			outputs: { ...inputs, zoneId: zone.id, zoneName: zone.name, written, kept, drift },
		};
	}
	if (wait) {
		const inputs: VerificationInputs = {
			...wait,
			...of,
			...(route53?.records && { published: route53.records }),
		};
		taken.verification = {
			id: found.id,
			inputs,
			outputs: verificationOutputs(inputs, checkedRecords(found), found),
		};
	}
	return taken;
}

async function takeRecords(
	world: World,
	found: Setup,
	{ wait, keepRecords }: Wanted,
	route53: Route53Inputs,
): Promise<{ zone: ZoneSnapshot; standing: Standing }> {
	const args: ResolvedRoute53Args = resolveRoute53(route53);
	const records = plainRecords(found);
	const domain = canonicalName(found.domain_identity);
	const zone = await preflight(world, {
		domain,
		route53: args,
		waitPurpose: wait && purposeOfWait(wait.purpose, route53),
		records,
	});
	const desired = desiredSets(records, domain, args);
	const names = [...new Set(desired.map(({ name }) => name))];
	const zones = await world.hosts.route53(args);
	const current = await zones.read(
		zone.id,
		names.map((name) => ({ name })),
	);
	const standing = takeStanding(desired, current, args.onConflict, { keepRecords, ttl: args.ttl });
	if (standing.conflicts.length > 0) throw conflictError(zone, standing.conflicts, "Nothing was changed.");
	return { zone: { ...zone, found: withoutValues(zone.found, standing.written) }, standing };
}
