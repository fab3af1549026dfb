import { canonicalName } from "../../dns/index.js";
import type { Change } from "../../provider/core/hosts/route53/changes.js";
import type { ResourceRecordSet } from "../../sandbox/route53/record-sets.js";
import type { RecordType } from "../../sandbox/route53/values.js";
import type { HostedZone } from "../../sandbox/route53/zones.js";
import type { ServerHealth } from "./internet.js";
import { rivalOf } from "./others.js";
import { domains, type Scene } from "./scene.js";

/* What happens to a life from outside: by other people, by name servers, by the API and SES. */

/** A zone of its own for a domain below the first one. */
export function delegateBelow(scene: Scene): void {
	const zone = scene.environment.createZone("mail.acme.test");
	scene.zones.push(zone);
	const [parent] = scene.zones;
	if (!parent) return;
	const values = zone.nameServers.map((host) => ({ Value: `${host}.` }));
	scene.environment.put(parent, { Name: zone.name, Type: "NS", TTL: 172_800, ResourceRecords: values });
}

/** What stands in the zones before anybody comes. */
export function furnish(scene: Scene): void {
	const { random } = scene;
	const policy = `v=DMARC1; p=${random.pick(["none", "quarantine"])}`;
	for (const zone of scene.zones) {
		const add = (name: string, type: RecordType, values: string[]) =>
			scene.others.add(zone, name, type, values, random.pick([60, 300, 3_600]));
		add("www.acme.test", "A", ["203.0.113.1"]);
		if (random.chance(0.3)) add("acme.test", "TXT", ['"v=spf1 -all"']);
		if (random.chance(0.15)) add("*.acme.test", "A", ["203.0.113.9"]);
		if (random.chance(0.1)) add("*.acme.test", "TXT", ['"anything"']);
		if (random.chance(0.1)) route(scene, zone, random.pick(domains));
		for (const domain of domains) {
			if (random.chance(0.06)) add(domain, "MX", ["10 mx.else.test"]);
			if (random.chance(0.06)) add(domain, "MX", ["10 inbound-smtp.us-east-1.amazonaws.com."]);
			if (random.chance(0.06))
				add(`_dmarc.${domain}`, "TXT", [
					`"${policy.replace("; ", random.pick([";", " ; "]))}${random.pick(["", ";"])}"`,
				]);
			if (random.chance(0.06)) add(`_dmarc.${domain}`, "TXT", ['"v=DMARC1; p=reject"']);
			if (random.chance(0.06)) add(`_dmarc.${domain}`, "TXT", ['"some proof"']);
			if (random.chance(0.04)) add(`_dmarc.${domain}`, "CNAME", ["dmarc.else.test"]);
			if (random.chance(0.1)) add(`s1._domainkey.${domain}`, "CNAME", ["s1.else.test"]);
		}
	}
}

/** A set with a routing policy, or an alias, where our records would stand. */
function route(scene: Scene, zone: HostedZone, domain: string): void {
	const common = { TTL: 120, ResourceRecords: [{ Value: "10 mx.else.test" }] };
	const sets: ResourceRecordSet[] = [
		{ Name: `${domain}.`, Type: "MX", SetIdentifier: "one", Weight: 7, ...common },
		{
			Name: `_dmarc.${domain}.`,
			Type: "TXT",
			AliasTarget: {
				HostedZoneId: "Z00000000000000000000",
				DNSName: "dmarc.else.test.",
				EvaluateTargetHealth: false,
			},
		},
	];
	scene.others.fix(zone, scene.random.pick(sets));
}

/** Somebody else writes in a zone. */
export function meddle(scene: Scene): void {
	const { random, environment } = scene;
	const zone = random.pick(scene.zones);
	const domain = random.pick(domains);
	const ours = environment
		.records(zone)
		.filter(({ Name, Type, ResourceRecords = [] }) =>
			ResourceRecords.some(
				({ Value }) =>
					scene.others.isOurs(Type, Value) && !scene.others.has(zone, canonicalName(Name), Type, Value),
			),
		);
	const what = random.weighted<() => string>(
		[
			4,
			() => {
				if (ours.length === 0) return "nothing";
				const set = random.pick(ours);
				scene.others.meddle(zone, set);
				return `meddles with ${set.Type} ${set.Name}`;
			},
		],
		[
			1,
			() => {
				scene.others.add(zone, `_dmarc.${domain}`, "TXT", ['"another proof"']);
				return `adds a text at _dmarc.${domain}`;
			},
		],
		[
			1,
			() => {
				scene.others.add(zone, domain, "MX", ["20 mx2.else.test"]);
				return `adds an MX at ${domain}`;
			},
		],
		[
			1,
			() => {
				scene.others.add(zone, `_dmarc.${domain}`, "TXT", rivalOf(`_dmarc.${domain}`, "TXT"));
				return `adds a policy at _dmarc.${domain}`;
			},
		],
		[
			1,
			() => {
				return `withdraws ${scene.others.withdraw(zone)}`;
			},
		],
	)();
	scene.say(`somebody else in ${zone.id} ${what}`);
}

/** Somebody else writes where a change of ours is about to be made. */
export function race(scene: Scene, zoneId: string, changes: readonly Change[]): void {
	const zone = scene.zones.find(({ id }) => id === zoneId);
	if (!zone) return;
	const { action, set } = scene.random.pick(changes);
	const standing = scene.environment.find(zone, set.name, set.type);
	if (action === "DELETE" && standing && scene.random.chance(0.5)) scene.others.meddle(zone, standing);
	else if (set.type === "MX") scene.others.add(zone, set.name, "MX", ["30 mx3.else.test"]);
	else if (set.type === "TXT") scene.others.add(zone, set.name, "TXT", ['"a proof in a hurry"']);
	scene.say(`somebody else is faster at ${set.type} ${set.name}`);
}

/** The owner of the domain sends the internet to this zone or that. */
export function delegateElsewhere(scene: Scene): void {
	const zones = scene.zones.filter(({ name }) => name === "acme.test.");
	const zone = scene.random.pick(zones);
	scene.environment.registrar.delegate("acme.test.", zone.nameServers);
	scene.say(`acme.test is delegated to ${zone.id}`);
}

/** Where another zone of the name is live, the one that is not may go, with all that is in it. */
export function dropZone(scene: Scene): void {
	const zone = scene.zones.find((each) => !scene.isLive(each));
	if (!zone) return;
	for (const set of scene.environment.records(zone)) scene.environment.remove(zone, set);
	scene.environment.zones.delete(zone.id);
	scene.zones.splice(scene.zones.indexOf(zone), 1);
	scene.others.forget(zone);
	scene.say(`hosted zone ${zone.id} is deleted`);
}

/** Name servers fall ill, or recover. */
export function sicken(scene: Scene): void {
	const { random } = scene;
	const zone = random.pick(scene.zones);
	for (const host of zone.nameServers) {
		if (!random.chance(0.5)) continue;
		const health = random.pick<ServerHealth>(["well", "dead", "lame", "stale"]);
		scene.environment.internet.setHealth(host, health);
		scene.say(`${host} is ${health}`);
	}
}

/** The API or SES behind it does something of its own. */
export function upset(scene: Scene): void {
	const { api } = scene.environment;
	const { random } = scene;
	const setup = api.visible.length > 0 ? random.pick(api.visible) : undefined;
	const identity = setup && api.identities.get(setup.domain);
	const what = random.weighted<() => string>(
		[
			2,
			() => {
				api.trouble = random.weighted([2, "late"], [1, "killed"], [3, "unavailable"]);
				return `the next create will be ${api.trouble}`;
			},
		],
		[
			1,
			() => {
				if (setup) api.identities.delete(setup.domain);
				return `SES forgets ${setup?.domain}`;
			},
		],
		[
			1,
			() => {
				if (identity) identity.status = "FAILED";
				return `SES gives ${setup?.domain} up`;
			},
		],
		[
			1,
			() => {
				if (setup && !api.useCases.some(({ setupId }) => setupId === setup.id)) api.remove(setup);
				return `somebody deletes setup ${setup?.id} at the API`;
			},
		],
	)();
	scene.say(what);
}

/** A use case comes, or all go. */
export function use(scene: Scene): void {
	const { api } = scene.environment;
	if (api.useCases.length > 0) api.useCases.length = 0;
	else if (api.visible.length > 0) {
		const setup = scene.random.pick(api.visible);
		api.refer(setup, `case ${scene.random.text(4, "abc")}`);
		scene.say(`a use case refers to ${setup.domain}`);
	}
}
