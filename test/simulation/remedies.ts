import { canonicalName, isWithin } from "../../dns/index.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import type { Scene } from "./scene.js";
import type { Team } from "./team.js";

/** What a person reads in a failure, whether it is true, and what they then do. */
type Remedy = (
	scene: Scene,
	team: Team,
	declared: DeclaredSetup,
	message: string,
	round: number,
) => string | undefined;

const lostItsOwn = /stays with its DNS records: (\S+) of this program/;

const remedies: readonly [words: RegExp, remedy: Remedy][] = [
	[/has this setup already: ([0-9a-f-]{36})/, existing],
	[/a setup of the same tenant or domain, and only one of the two is the same/, similar],
	[
		/already exists: .* right now|SES setup not found in this workspace/,
		(_scene, _team, declared) => again(declared),
	],
	// The resource at fault says so itself.
	[/nothing is replaced in this run, because/, (_scene, _team, { name }) => `${name} is replaced later`],
	[/of this program already/, torn],
	[/is taken, and workspace .* has no setup with either/, takenElsewhere],
	[/already has records where this setup publishes/, conflicting],
	[/so the wait for .* could never end/, uselessWait],
	[
		/is not the one the internet asks|does not lie in hosted zone|is delegated away|hosted zone \S+ \(\w+\) is gone|no hosted zone has the id/,
		notAsked,
	],
	[/still in use/, inUse],
	[/was not verified within|in vain|not verified/, unverified],
];

/** @returns what was done; undefined where nothing explains the failure. */
export function remedy(
	scene: Scene,
	team: Team,
	urn: string,
	message: string,
	round: number,
): string | undefined {
	const name = urn.slice(urn.lastIndexOf("::") + 2).replace(/-(records|verification)$/, "");
	const declared = team.program.find((each) => each.name === name || each.aliases?.includes(name));
	if (lostItsOwn.test(message)) return lost(team, message);
	for (const [words, find] of remedies) {
		if (!words.test(message)) continue;
		// What is destroyed stands in no program any more.
		if (find === inUse) return inUse(scene);
		return declared && find(scene, team, declared, message, round);
	}
	return undefined;
}

/** What was in the way has gone in the same run. Where it has not, the life does not heal. */
const again = ({ name }: DeclaredSetup) => `${name} is tried again`;

function existing(scene: Scene, team: Team, declared: DeclaredSetup, message: string): string | undefined {
	const [, id = ""] = /has this setup already: ([0-9a-f-]{36})/.exec(message) ?? [];
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
	const setup = scene.environment.api.visible.find((each) => each.id === id);
	if (!setup) return again(declared);
	return scene.isExcused(setup) ? takeOver(team, declared.name) : undefined;
}

function takeOver(team: Team, name: string): string {
	team.edit(name, (one) => {
		one.adoptExisting = true;
	});
	return `${name} takes over what there is of its names`;
}

/** What is destroyed stands in no program any more, and the one that takes it over does. */
function lost(team: Team, message: string): string {
	const [, name = ""] = lostItsOwn.exec(message) ?? [];
	return takeOver(team, name);
}

function similar(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	const domain = canonicalName(declared.domainIdentity);
	const holders = scene.environment.api.visible.filter(
		(setup) => setup.tenantName === declared.tenantName || setup.domain === domain,
	);
	for (const holder of holders) {
		if (scene.ownerOf(holder.id)) {
			team.drop(declared.name);
			return `${declared.name} goes: somebody has its names`;
		}
		if (!scene.isExcused(holder)) return undefined;
		scene.environment.api.remove(holder);
		return `what a run has left of ${holder.domain} is deleted`;
	}
	return again(declared);
}

function torn(_scene: Scene, team: Team, { name }: DeclaredSetup): string {
	team.drop(name);
	return `${name} goes: the program declares one of its names with another`;
}

function takenElsewhere(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	const domain = canonicalName(declared.domainIdentity);
	const holder = scene.environment.api.setups.find(
		(setup) =>
			(setup.tenantName === declared.tenantName || setup.domain === domain) &&
			(setup.workspaceId !== team.workspaceId || setup.state !== "active"),
	);
	if (!holder) return undefined;
	team.drop(declared.name);
	return `${declared.name} goes: another workspace has its names`;
}

function conflicting(scene: Scene, team: Team, declared: DeclaredSetup, message: string): string | undefined {
	if (message.includes("no preview has shown it")) return undefined;
	const domain = canonicalName(declared.domainIdentity);
	const [, zoneId] = /Hosted zone \S+ \((\w+)\)/.exec(message) ?? [];
	const zone = scene.zones.find(({ id }) => id === zoneId);
	if (!zone) return undefined;
	const standing = scene.environment.records(zone).filter(({ Name }) => canonicalName(Name).endsWith(domain));
	const foreign = standing.some(
		({ Type, AliasTarget, ResourceRecords = [] }) =>
			["MX", "TXT", "CNAME"].includes(Type) &&
			(AliasTarget !== undefined || ResourceRecords.some(({ Value }) => !scene.others.isOurs(Type, Value))),
	);
	if (!foreign) return again(declared);
	if (scene.random.chance(0.5)) {
		team.edit(declared.name, (one) => {
			const onConflict = { mx: "overwrite", dmarc: "overwrite", other: "overwrite" } as const;
			one.route53 = { ...one.route53, onConflict };
		});
		return `${declared.name} overwrites`;
	}
	for (const name of [domain, `_dmarc.${domain}`]) scene.others.clear(zone, name);
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
	_message: string,
	round: number,
): string | undefined {
	const domain = canonicalName(declared.domainIdentity);
	const setup = scene.environment.api.visible.find((each) => each.domain === domain);
	const identity = scene.environment.api.identities.get(domain);
	if (!setup) return undefined;
	if (identity?.owner !== setup.id) {
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
