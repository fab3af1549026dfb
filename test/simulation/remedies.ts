import { canonicalName, isWithin } from "../../dns/index.js";
import { SetupExistsError } from "../../provider/core/channels/exists.js";
import { codeOf } from "../../provider/core/errors.js";
import { RecordsConflictError } from "../../provider/core/records/conflicts.js";
import type { Outcome } from "../support/deployment/deployment.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import { again, isOfNames, type Remedy } from "./remedy.js";
import type { Scene } from "./scene.js";
import { withdrawFromOthers } from "./ses-happenings.js";
import { inSesRemedies } from "./ses-remedies.js";
import type { KnownSetup } from "./setups.js";
import type { Team } from "./team.js";

const remedies: Readonly<Record<string, Remedy>> = {
	"setup-exists": existing,
	"setup-perhaps-ours": existing,
	"names-taken": taken,
	"exists-upstream": taken,
	"names-busy": tryAgain,
	"not-found": tryAgain,
	"setup-not-found": tryAgain,
	"setup-gone": tryAgain,
	"names-declared-twice": torn,
	"records-conflict": conflicting,
	"wait-never-ends": uselessWait,
	"zone-not-delegated": notAsked,
	"zone-delegated-below": notAsked,
	"zone-id-wrong": notAsked,
	"zone-gone": notAsked,
	"records-not-verified": unverified,
	"records-not-served": unverified,
	"api-timeout": unverified,
};

/** @returns what was done; undefined where nothing explains the failure. */
export function remedy(
	scene: Scene,
	team: Team,
	{ urn, cause }: Pick<Outcome["failures"][number], "urn" | "cause">,
	round: number,
): string | undefined {
	const code = codeOf(cause);
	// What is destroyed stands in no program any more.
	if (code === "setup-in-use") return inUse(scene);
	if (code === "identity-in-other-tenant") {
		withdrawFromOthers(scene);
		return "others take what is not theirs out of their tenant";
	}
	const name = urn.slice(urn.lastIndexOf("::") + 2).replace(/-(records|verification)$/, "");
	const declared = team.program.find((each) => each.name === name || each.aliases?.includes(name));
	const remedy = (scene.inSes && inSesRemedies[code]) ?? remedies[code];
	return declared && remedy?.(scene, team, declared, cause, round);
}

/** Of what an error came from, itself included, the first of this kind. */
function causeOf<Kind extends Error>(
	error: unknown,
	kind: abstract new (...args: never[]) => Kind,
): Kind | undefined {
	if (error instanceof kind) return error;
	return error instanceof Error ? causeOf(error.cause, kind) : undefined;
}

function tryAgain(_scene: Scene, _team: Team, declared: DeclaredSetup): string {
	return again(declared);
}

function existing(scene: Scene, team: Team, declared: DeclaredSetup, cause: unknown): string | undefined {
	const id = causeOf(cause, SetupExistsError)?.setupId ?? "";
	const owner = scene.ownerOf(id);
	// It is one of two of the program's, and has lost its own.
	const isInState = team.stack.resources.some(({ name }) => name === declared.name);
	if (owner?.team === team && isInState) return takeOver(team, declared.name);
	if (owner?.team === team) {
		const isDeclared = team.program.some(
			({ name, aliases = [] }) => name === owner.name || aliases.includes(owner.name),
		);
		if (isDeclared) team.drop(declared.name);
		else
			team.edit(declared.name, (one) => {
				one.aliases = [owner.name];
			});
		return isDeclared
			? `${declared.name} goes: ${owner.name} has the setup`
			: `${declared.name} gets its alias`;
	}
	if (owner) {
		team.drop(declared.name);
		return `${declared.name} goes: ${owner.team.name} has the setup`;
	}
	const setup = scene.visible.find((each) => each.id === id);
	if (!setup) return again(declared);
	return scene.isExcused(setup) ? takeOver(team, declared.name) : undefined;
}

function takeOver(team: Team, name: string): string {
	team.edit(name, (one) => {
		one.adoptExisting = true;
	});
	return `${name} takes over what there is of its names`;
}

/** By a setup that the workspace shows, by one that it does not, or by one that has gone since. */
function taken(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	const holders = scene.visible.filter(
		({ workspaceId, ...names }) => workspaceId === team.workspaceId && isOfNames(names, declared),
	);
	return holders.length > 0
		? takenHere(scene, team, declared, holders)
		: (takenElsewhere(scene, team, declared) ?? again(declared));
}

function takenHere(
	scene: Scene,
	team: Team,
	declared: DeclaredSetup,
	holders: readonly KnownSetup[],
): string | undefined {
	for (const holder of holders) {
		if (scene.ownerOf(holder.id)) {
			team.drop(declared.name);
			return `${declared.name} goes: somebody has its names`;
		}
		if (!scene.isExcused(holder)) return undefined;
		scene.environment.setups.remove(holder);
		return `what a run has left of ${holder.domain} is deleted`;
	}
	return again(declared);
}

function torn(_scene: Scene, team: Team, { name }: DeclaredSetup): string {
	team.drop(name);
	return `${name} goes: the program declares one of its names with another`;
}

function takenElsewhere(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	const holder = scene.environment.setups.setups.find(
		(setup) =>
			isOfNames(setup, declared) && (setup.workspaceId !== team.workspaceId || setup.state !== "active"),
	);
	if (!holder) return undefined;
	team.drop(declared.name);
	return `${declared.name} goes: another workspace has its names`;
}

function conflicting(scene: Scene, team: Team, declared: DeclaredSetup, cause: unknown): string | undefined {
	const domain = canonicalName(declared.domainIdentity);
	const zoneId = causeOf(cause, RecordsConflictError)?.zoneId;
	const zone = scene.zones.find(({ id }) => id === zoneId);
	if (!zone) return undefined;
	const standing = scene.environment.records(zone).filter(({ Name }) => canonicalName(Name).endsWith(domain));
	const foreign = standing.filter(
		({ Type, AliasTarget, ResourceRecords = [] }) =>
			["MX", "TXT", "CNAME"].includes(Type) &&
			(AliasTarget !== undefined || ResourceRecords.some(({ Value }) => !scene.others.isOurs(Type, Value))),
	);
	if (foreign.length === 0) return again(declared);
	if (scene.random.chance(0.5)) {
		team.edit(declared.name, (one) => {
			const overwrite = "overwrite" as const;
			const onConflict = {
				...{ mx: overwrite, dmarc: overwrite, other: overwrite },
				...{ mailFrom: overwrite, spf: overwrite },
			};
			one.route53 = { ...one.route53, onConflict };
		});
		return `${declared.name} overwrites`;
	}
	const names = new Set([domain, `_dmarc.${domain}`, ...foreign.map(({ Name }) => canonicalName(Name))]);
	for (const name of names) scene.others.clear(zone, name);
	return `what is in the way of ${declared.name} is removed`;
}

function uselessWait(_scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	const policies = Object.values(declared.route53?.onConflict ?? {});
	if (!policies.includes("keep")) return undefined;
	team.edit(declared.name, (one) => {
		delete one.waitForVerification;
	});
	return `${declared.name} waits no more`;
}

function notAsked(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	const domain = canonicalName(declared.domainIdentity);
	const [zone] = scene.zones
		.filter((each) => isWithin(domain, each.name) && scene.isLive(each))
		.sort((a, b) => b.name.length - a.name.length);
	if (!zone) return undefined;
	team.edit(declared.name, (one) => {
		one.route53 = { ...one.route53, zoneId: zone.id };
	});
	return `${declared.name} moves to ${zone.id}, which is live`;
}

function inUse(scene: Scene): string {
	scene.environment.api.useCases.length = 0;
	return "all use cases are deleted";
}

function unverified(
	scene: Scene,
	team: Team,
	declared: DeclaredSetup,
	_cause: unknown,
	round: number,
): string | undefined {
	const domain = canonicalName(declared.domainIdentity);
	const setup = scene.visible.find((each) => each.domain === domain);
	if (!setup) return undefined;
	if (!scene.inSes && scene.environment.api.identities.get(domain)?.owner !== setup.id) {
		team.edit(declared.name, (one) => {
			one.tenantName = team.newName("tenant");
		});
		return `${declared.name} is made anew, because SES has forgotten its domain`;
	}
	if (round > 3 || !declared.route53) {
		team.edit(declared.name, (one) => {
			delete one.waitForVerification;
		});
		return `${declared.name} waits no more`;
	}
	return `${declared.name} waits again`;
}
