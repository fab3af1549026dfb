import { canonicalName, contains } from "../../dns/index.js";
import { desiredSets } from "../../provider/arguments/record-kinds.js";
import { type RecordsOutputs, resolveRoute53, type SetupOutputs } from "../../provider/core/inputs.js";
import type { DnsRecord } from "../../provider/shapes.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import { isOf, type Scene } from "./scene.js";
import type { Team } from "./team.js";
import { Violation } from "./violation.js";

/** Everything is as the programs want it. @throws Violation */
export function checkWanted(scene: Scene): void {
	for (const zone of scene.zones) scene.others.check(zone);
	for (const team of scene.teams) for (const declared of team.program) checkDeclared(scene, team, declared);
	for (const setup of scene.kept) {
		if (!scene.ownerOf(setup.id) && !scene.isExcused(setup))
			throw new Violation(`setup ${setup.id} (${setup.domain}) is orphaned`);
	}
}

/** Nothing is left but what is of others. @throws Violation */
export function checkNothingLeft(scene: Scene): void {
	scene.inSes?.others.check((id) => scene.kept.some((setup) => setup.id === id && scene.isExcused(setup)));
	for (const setup of scene.kept)
		if (!scene.isExcused(setup)) throw new Violation(`setup ${setup.id} (${setup.domain}) is left`);
	for (const zone of scene.zones) {
		for (const domain of scene.unrecorded) scene.others.yieldTo(zone, domain);
		scene.others.check(zone, { isKnownToBeLost: (type, name) => scene.isLeft(type, name) });
		for (const set of scene.environment.records(zone)) {
			for (const { Value } of set.ResourceRecords ?? []) {
				const name = canonicalName(set.Name);
				if (!scene.others.isOurs(set.Type, Value) || scene.others.has(zone, name, set.Type, Value)) continue;
				const isExcused =
					[...scene.unrecorded].some((domain) => name.endsWith(domain)) || scene.isLeft(set.Type, name);
				if (!isExcused) throw new Violation(`${set.Type} ${name} ${Value} is left in ${zone.id}`);
			}
		}
	}
}

function checkDeclared(scene: Scene, team: Team, declared: DeclaredSetup): void {
	const { resources } = team.stack;
	const setup = resources.find(({ name, kind }) => kind === "SesSetup" && name === declared.name);
	const live = setup && scene.setup(setup.id);
	if (!live || !isOf(declared, live)) throw new Violation(`${declared.name} has no setup of its names`);
	const { dnsRecords } = setup.outputs as SetupOutputs;
	if (
		JSON.stringify(dnsRecords.map(({ address }) => address).sort()) !==
		JSON.stringify(live.records.map(({ address }) => address).sort())
	)
		throw new Violation(`the records of ${declared.name} in the state are not those of the API`);
	const records = resources.find(
		({ name, kind }) => kind === "Route53Records" && name === `${declared.name}-records`,
	);
	if ((records !== undefined) !== (declared.route53 !== undefined))
		throw new Violation(`${declared.name}: the records are ${records ? "" : "not "}there`);
	if (records && declared.route53)
		checkRecords(scene, team, declared, dnsRecords, records.outputs as RecordsOutputs);
	const verification = resources.find(
		({ name, kind }) => kind === "Verification" && name === `${declared.name}-verification`,
	);
	if ((verification !== undefined) !== (declared.waitForVerification !== undefined))
		throw new Violation(`${declared.name}: the wait is ${verification ? "" : "not "}there`);
}

function checkRecords(
	scene: Scene,
	team: Team,
	declared: DeclaredSetup,
	dnsRecords: DnsRecord[],
	outputs: RecordsOutputs,
): void {
	const args = resolveRoute53(declared.route53 ?? {});
	const domain = canonicalName(declared.domainIdentity);
	// Two stacks that publish the same take turns at its TTL.
	const isAlone = !scene.teams.some(
		(other) =>
			other !== team &&
			other.program.some((each) => each.route53 && canonicalName(each.domainIdentity) === domain),
	);
	const zone = scene.zones.find(({ id }) => id === outputs.zoneId);
	if (!zone) throw new Violation(`${declared.name}: its zone is none`);
	if (args.zoneId !== undefined && args.zoneId !== zone.id)
		throw new Violation(`${declared.name}: its records are in another zone than it says`);
	if (outputs.former) throw new Violation(`${declared.name}: a former zone is left`);
	for (const want of desiredSets(dnsRecords, declared.domainIdentity, args)) {
		const set = scene.environment.find(zone, want.name, want.type);
		const standing = (set?.ResourceRecords ?? []).map(({ Value }) => Value);
		const isKept = outputs.kept.some(
			({ name, type, reason }) => name === want.name && type === want.type && reason === "conflict",
		);
		if (isKept && !scene.others.hasBeenAt(zone, want.name))
			throw new Violation(`${want.type} ${want.name} is left to others, and nobody was there`);
		if (isKept) continue;
		const missing = want.values.filter((value) => !contains(want.type, standing, value));
		if (missing.length > 0)
			throw new Violation(`${want.type} ${want.name}: ${missing.join(", ")} is missing`);
		const written = outputs.written.find(({ name, type }) => name === want.name && type === want.type);
		if (
			written &&
			isAlone &&
			!team.keepers.has(domain) &&
			written.others.length === 0 &&
			standing.length === want.values.length &&
			set?.TTL !== args.ttl
		)
			throw new Violation(`${want.type} ${want.name}: the TTL is ${set?.TTL} instead of ${args.ttl}`);
	}
}
