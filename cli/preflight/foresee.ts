/** What `pulumi up` would meet, by the reads with which it begins itself. */

import type { Words } from "../../dns/index.js";
import type { ConflictPolicy, RecordKind } from "../../provider/arguments/inputs.js";
import { desiredSets } from "../../provider/arguments/record-kinds.js";
import { homeInWords } from "../../provider/core/channels/place.js";
import type { Home, Names, Setup } from "../../provider/core/channels/setup.js";
import { withCode } from "../../provider/core/error-codes.js";
import { told, UserError } from "../../provider/core/errors.js";
import { concernsAny, foreseenRanges } from "../../provider/core/records/snapshot.js";
import {
	displacesInherited,
	hasOwnPolicy,
	policyChange,
} from "../../provider/core/setup/inherited-policy.js";
import { plainRecords } from "../../provider/core/setup/plans.js";
import { lookInto, type PreflightInput, type Prospect } from "../../provider/core/setup/preflight.js";
import type { DnsWorld, World } from "../../provider/core/world.js";
import type { DelegationState } from "../../provider/core/zones/delegation.js";
import { HostError } from "../../provider/core/zones/host.js";
import { lookForZone } from "../../provider/core/zones/locate-zone.js";
import { concerning, policyFor } from "../../provider/core/zones/sets.js";
import type { RecordSetState } from "../../provider/shapes.js";
import { isUnasked } from "../command-failure.js";

/** Of what a setup is to be, the part that decides about records and the wait. */
export type Plans = Pick<PreflightInput, "route53" | "waitPurpose">;

/** What the API has of the names. */
export type Workspace = { home?: Home } & (
	| { state: "not asked" }
	/** Neither is there. */
	| { state: "free" }
	/** The identity that the program takes in, which belongs to no setup. */
	| { state: "identity" }
	/** The setup that the program takes over. */
	| { state: "existing"; setup: Setup }
	| { state: "taken"; refusal: UserError }
	/** The key may not list. */
	| { state: "hidden" }
);

/**
 * What becomes of a kind of record. `free`: nothing stands there. `beside`: what stands is in nobody's way.
 * `compared`: what stands may be the very value, and the setup tells. Else what `onConflict` says.
 */
export type Outlook = "free" | "beside" | "compared" | "refused" | "kept" | "overwritten";

export interface Place {
	kind: RecordKind;
	name: string;
	standing: RecordSetState[];
	outlook: Outlook;
	/** What is done if the comparison finds another value. */
	policy: ConflictPolicy;
}

export interface Foresight {
	domain: string;
	workspace: Workspace;
	/** Undefined where none was found. */
	zone: { id: string; name: string; nameServers: readonly string[] } | undefined;
	/** Undefined where nobody looked. */
	delegation: DelegationState | undefined;
	/** Empty where the zone could not be looked into. */
	places: Place[];
	/** What is in the way, as `up` says it. */
	refusals: Words[];
	/** What `up` says and goes on. */
	warnings: Words[];
	/** What could not be asked, and why. */
	unanswered: Words[];
}

/** @returns what the API has of these names. Throws what the API throws. */
export async function foreseeNames(world: World, names: Names, adopt: boolean): Promise<Workspace> {
	const home = await world.channels.home(world);
	try {
		world.progress.show(`asking ${homeInWords(home)} for the names`);
		const look = await world.channels.look(world, names, { adopt, going: () => false });
		const { existing, seen, takesIn } = look;
		if (existing) return { home, state: "existing", setup: existing };
		if (takesIn) return { home, state: "identity" };
		return { home, state: seen ? "free" : "hidden" };
	} catch (error) {
		if (!(error instanceof UserError) || isUnasked(error)) throw error;
		return { home, state: "taken", refusal: error };
	}
}

/** Looks on where `up` would stop, so that all that is in the way is told at once. */
export async function foresee(
	world: DnsWorld,
	domain: string,
	plans: Plans,
	workspace: Workspace = { state: "not asked" },
): Promise<Foresight> {
	const seen: Foresight = {
		domain,
		workspace,
		zone: undefined,
		delegation: undefined,
		places: [],
		refusals: workspace.state === "taken" ? [told(workspace.refusal)] : [],
		warnings: [],
		unanswered: workspace.state === "hidden" ? [hidden] : [],
	};
	const records = workspace.state === "existing" ? plainRecords(workspace.setup) : undefined;
	try {
		await lookAtZone(world, { ...plans, domain, records }, seen);
	} catch (error) {
		world.stop.throwIfAborted();
		if (error instanceof UserError) seen.refusals.push(told(error));
		else if (error instanceof HostError) seen.unanswered.push(told(error));
		else throw error;
	}
	return seen;
}

const hidden =
	"The key may not list the setups of the workspace, so whether the names can be had shows in `pulumi up`.";

async function lookAtZone(world: DnsWorld, plans: PreflightInput, seen: Foresight): Promise<void> {
	const { domain, route53, records } = plans;
	const zones = await world.hosts.route53(route53);
	const { zone, delegation, refusal } = await lookForZone(
		world,
		zones,
		domain,
		route53,
		world.progress,
		world.stop,
	);
	Object.assign(seen, { zone, delegation });
	if (refusal) seen.refusals.push(told(refusal));
	else if (delegation?.state === "unknown" && route53.delegationCheck === "error")
		seen.unanswered.push(withCode(delegation.message, "dns-unanswered"));
	else if (delegation && delegation.state !== "delegated") seen.warnings.push(delegation.message);

	const prospect = await lookInto(world, zones, zone, plans);
	seen.places = placesOf(prospect, plans);
	if (prospect.refusal) seen.refusals.push(told(prospect.refusal));
	seen.warnings.push(...prospect.warnings);
	if (hasOwnPolicy(prospect.snapshot.found) || !route53.records.includes("dmarc")) return;
	const warning = await (records ? policyChange(world, [], records) : displacesInherited(world, domain));
	if (warning) seen.warnings.push(warning);
}

function placesOf({ snapshot, conflicts, possible }: Prospect, plans: PreflightInput): Place[] {
	const { domain, route53, records } = plans;
	const { found } = snapshot;
	const desired = desiredSets(records ?? [], domain, route53);
	return route53.records.flatMap((kind): Place[] => {
		const conflict = conflicts.find((each) => each.kind === kind);
		const policy = route53.onConflict[conflict?.policy ?? policyFor(kind, [])];
		const foreseen = foreseenRanges(domain, [kind]).map(({ name }) => name);
		const asked = desired.filter((set) => set.kind === kind);
		const standing =
			foreseen.length > 0
				? found.filter((set) => concernsAny(set, domain, [kind]))
				: [...new Set(asked.flatMap((set) => concerning(found, set)))];
		const open = records === undefined && (kind === "mx" || possible.some((each) => each.kind === kind));
		const otherwise = standing.length === 0 ? "free" : open ? "compared" : "beside";
		const outlook = conflict ? decided[policy] : otherwise;
		const names = foreseen.length > 0 ? foreseen : [...new Set(asked.map(({ name }) => name))];
		return names.map((name) => ({ kind, name, standing, outlook, policy }));
	});
}

const decided = { error: "refused", keep: "kept", overwrite: "overwritten" } as const;

export type State = "clear" | "blocked" | "unknown";

export function stateOf({ refusals, unanswered }: Foresight): State {
	if (refusals.length > 0) return "blocked";
	return unanswered.length > 0 ? "unknown" : "clear";
}

/** The worst of all. */
export function overallState(foresights: readonly Foresight[]): State {
	const states = foresights.map(stateOf);
	return (["blocked", "unknown"] as const).find((state) => states.includes(state)) ?? "clear";
}
