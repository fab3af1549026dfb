import { canonicalName, contains, hasValue } from "../../dns/index.js";
import type { RecordKind } from "../../provider/arguments/inputs.js";
import { isOfKind } from "../../provider/arguments/record-kinds.js";
import {
	desiredSets,
	type RecordsOutputs,
	resolveRoute53,
	type SetupOutputs,
} from "../../provider/core/inputs.js";
import type { Change } from "../../provider/core/route53/sets.js";
import type { DnsRecord } from "../../provider/shapes.js";
import type { ResourceRecordSet } from "../../sandbox/route53/record-sets.js";
import type { RecordType } from "../../sandbox/route53/values.js";
import type { HostedZone } from "../../sandbox/route53/zones.js";
import type { DeploymentEvent, Outcome } from "../support/deployment/deployment.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import type { ModelSetup } from "./channels-model.js";
import { Environment } from "./environment.js";
import type { ServerHealth } from "./internet.js";
import { type Leave, Others, rivalOf } from "./others.js";
import { type Kill, SimulatedProcess, type Weather } from "./process.js";
import { Random } from "./random.js";
import { remedy } from "./remedies.js";
import { Team } from "./team.js";
import { Violation } from "./violation.js";

export type Tell = (text: () => string) => void;

/** A run of the engine that a team has begun. */
export interface Operation {
	readonly kind: "up" | "preview" | "refresh" | "destroy";
	readonly team: Team;
	readonly program: readonly DeclaredSetup[];
	/** Setups that it has made. */
	readonly made: Set<string>;
	/** What it knows that it has written. */
	readonly written: { zoneId: string; name: string; type: string; value: string }[];
	outcome?: Outcome;
}

const domains = ["mail.acme.test", "news.acme.test", "acme.test", "eu.mail.acme.test"];
const workspaces = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
/** Longer than any run of the engine may take. */
const longestMs = 6 * 3_600_000;
/** A resolver's memory of a "no" in Route 53's zones. */
const negativeMs = 900_000;

/** A whole life of some stacks, drawn from a seed: what people, networks and other writers do, and what has to hold. */
export class Life {
	readonly random: Random;
	readonly environment: Environment;
	readonly others: Others;
	readonly teams: Team[] = [];
	readonly zones: HostedZone[] = [];
	/** Which run made a setup. */
	readonly #makers = new Map<string, Operation>();
	/** Warnings of records that stay, which nobody may remove later. */
	readonly #staying: string[] = [];
	/** Domains whose records a run may have published without recording them, because it was killed or heard no answer. */
	readonly #unrecorded = new Set<string>();
	#writes = 0;
	readonly #dnsServers: boolean;

	constructor(
		seed: number,
		readonly tell: Tell,
	) {
		this.random = new Random(seed);
		this.environment = new Environment(this.random.fork());
		this.others = new Others(this.environment, this.random.fork());
		this.#dnsServers = this.random.chance(0.5);
	}

	/** @throws Violation */
	async run(): Promise<void> {
		this.#prepare();
		if (this.random.chance(0.6)) for (const team of this.teams) await this.#run("up", team);
		for (let left = this.random.integer(1, 7); left > 0; left -= 1) await this.#step();
		await this.#heal();
		await this.#settled();
		await this.#end();
	}

	get clock() {
		return this.environment.clock;
	}

	#say(text: string): void {
		this.tell(() => `— ${text}`);
	}

	#prepare(): void {
		const { random, environment } = this;
		this.zones.push(environment.createZone("acme.test"));
		if (random.chance(0.3)) this.zones.push(environment.createZone("acme.test"));
		if (random.chance(0.15)) this.#delegateBelow();
		this.#furnish();
		for (const [index, name] of (random.chance(0.3) ? ["one", "two"] : ["one"]).entries()) {
			const workspaceId = workspaces[index === 1 && random.chance(0.3) ? 1 : 0] as string;
			const key = environment.api.createKey(workspaceId);
			const team = new Team(name, workspaceId, key, this.#dnsServers, random.fork());
			this.teams.push(team);
			for (let left = random.weighted([5, 1], [2, 2], [1, 3]); left > 0; left -= 1) {
				const [domain] = this.#freeDomains();
				if (domain) team.declare(domain);
			}
		}
		// Two that want the same.
		const [one, two] = this.teams;
		const first = one?.program[0];
		if (first && two && random.chance(0.3))
			two.program = [{ ...first, ...(random.chance(0.5) && { tenantName: "rival" }) }];
	}

	/** A zone of its own for a domain below the first one. */
	#delegateBelow(): void {
		const zone = this.environment.createZone("mail.acme.test");
		this.zones.push(zone);
		const [parent] = this.zones;
		if (!parent) return;
		const values = zone.nameServers.map((host) => ({ Value: `${host}.` }));
		this.environment.put(parent, { Name: zone.name, Type: "NS", TTL: 172_800, ResourceRecords: values });
	}

	/** What stands in the zones before anybody comes. */
	#furnish(): void {
		const { random } = this;
		const policy = `v=DMARC1; p=${random.pick(["none", "quarantine"])}`;
		for (const zone of this.zones) {
			const add = (name: string, type: RecordType, values: string[]) =>
				this.others.add(zone, name, type, values, random.pick([60, 300, 3_600]));
			add("www.acme.test", "A", ["203.0.113.1"]);
			if (random.chance(0.3)) add("acme.test", "TXT", ['"v=spf1 -all"']);
			if (random.chance(0.15)) add("*.acme.test", "A", ["203.0.113.9"]);
			if (random.chance(0.1)) add("*.acme.test", "TXT", ['"anything"']);
			if (random.chance(0.1)) this.#route(zone, random.pick(domains));
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
	#route(zone: HostedZone, domain: string): void {
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
		this.others.fix(zone, this.random.pick(sets));
	}

	#freeDomains(): string[] {
		const taken = this.teams.flatMap(({ program }) =>
			program.map(({ domainIdentity }) => canonicalName(domainIdentity)),
		);
		const free = domains.filter((domain) => !taken.includes(domain));
		return free.length > 0 ? [this.random.pick(free)] : [];
	}

	async #step(): Promise<void> {
		const { random } = this;
		const team = random.pick(this.teams);
		await random.weighted<() => Promise<unknown> | unknown>(
			[8, () => this.#together(team)],
			[1, () => this.#run("preview", team, this.#weather())],
			[2, () => this.#run("refresh", team, this.#weather(), this.#kill())],
			[1.5, () => this.#run("destroy", team, this.#weather(), this.#kill())],
			[6, () => this.#edit(team)],
			[4, () => this.#meddle()],
			[1, () => this.#delegateElsewhere()],
			[0.5, () => this.#dropZone()],
			[1, () => this.#sicken()],
			[1, () => this.#upset()],
			[2, () => this.#use()],
			[1, () => this.#pass(random.integer(1, 3_600_000))],
		)();
		await this.#pass(2_000);
	}

	/** People edit their program, and mostly run it then. */
	async #edit(team: Team): Promise<void> {
		const zoneIds = this.zones.map(({ id }) => id);
		this.#say(`${team.name} ${team.editSomehow(this.#freeDomains(), zoneIds)}`);
		if (this.random.chance(0.5)) await this.#together(team);
	}

	/** An `up`, and what else may happen while it runs. */
	async #together(team: Team): Promise<void> {
		const { random } = this;
		const runs = [this.begin("up", team, this.#weather(), this.#kill())];
		const other = this.teams.find((each) => each !== team);
		if (other && random.chance(0.5)) runs.push(this.begin("up", other, this.#weather(), this.#kill()));
		const meddling = random.chance(0.2)
			? this.clock.sleep(random.integer(1, 3_000)).then(() => this.#meddle())
			: undefined;
		await this.#until(Promise.all([...runs, meddling]));
	}

	#weather(): Weather {
		const { random } = this;
		if (random.chance(0.5)) return { slowness: random.pick([2, 50]) };
		const some = () => (random.chance(0.4) ? random.pick([0.02, 0.1, 0.3]) : 0);
		return {
			refused: some(),
			busy: some(),
			"lost before": some(),
			"lost after": some(),
			"broken after": some(),
			late: some(),
			repeated: some(),
			silence: some() / 3,
			slowness: random.pick([2, 50, 2_000]),
			wrongAddress: random.chance(0.06),
			outageMs: random.chance(0.1) ? random.integer(1_000, 200_000) : 0,
			race: some(),
			denied: random.chance(0.1) ? 0.3 : 0,
		};
	}

	#kill(): Kill | undefined {
		const { random } = this;
		if (!random.chance(0.25)) return undefined;
		return {
			at: Math.ceil(200 ** random.next()),
			sent: random.chance(0.5),
			engineOnly: random.chance(0.4),
		};
	}

	/** Lets time pass. */
	async #pass(ms: number): Promise<void> {
		await this.#until(this.clock.sleep(ms));
	}

	/** Lets time pass until the work is done. @throws Error when it never will be */
	#until<T>(work: Promise<T>): Promise<T> {
		return this.clock.run(work, this.clock.now() + longestMs);
	}

	/** Runs the engine alone. */
	#run(...run: Parameters<Life["begin"]>): Promise<Outcome> {
		return this.#until(this.begin(...run));
	}

	/** Begins a run of the engine, which needs time to pass. */
	async begin(kind: Operation["kind"], team: Team, weather: Weather = {}, kill?: Kill): Promise<Outcome> {
		const operation: Operation = { kind, team, program: team.program, made: new Set(), written: [] };
		this.#say(
			`${team.name}: ${kind}${kill ? ` (killed at ${JSON.stringify(kill)})` : ""} ${JSON.stringify(weather)} ${JSON.stringify(team.program)}`,
		);
		const process = new SimulatedProcess(this.environment, this.random.fork(), {
			workspaceId: team.workspaceId,
			apiKey: team.apiKey,
			dnsServers: team.dnsServers,
			weather,
			kill,
			slots: this.random.pick([1, 8]),
			tell: this.tell,
			observer: {
				deleting: (id) => this.#beforeDelete(operation, id),
				created: (id) => {
					this.#writes += 1;
					operation.made.add(id);
					this.#makers.set(id, operation);
				},
				accepted: (zoneId, changes) => {
					for (const { action, set } of changes)
						for (const value of action === "CREATE" ? set.values : [])
							if (this.others.isOurs(set.type, value))
								operation.written.push({ zoneId, name: set.name, type: set.type, value });
				},
				raced: (zoneId, changes) => this.#race(zoneId, changes),
				changed: (zoneId, changes) => this.#afterChange(operation, zoneId, changes),
			},
		});
		for (const { adoptExisting, domainIdentity } of kind === "up" ? team.program : [])
			if (adoptExisting)
				for (const zone of this.zones) this.others.yieldTo(zone, canonicalName(domainIdentity));
		const before = JSON.stringify(team.stack.resources);
		const options = {
			world: process.world,
			kill: process.killed,
			on: (event: DeploymentEvent) => this.#hear(operation, event),
		};
		const outcome = await (kind === "up" || kind === "preview"
			? team.stack[kind](team.program, options)
			: team.stack[kind](options));
		process.end();
		operation.outcome = outcome;
		this.#judge(operation, outcome, weather, before);
		return outcome;
	}

	#hear({ team }: Operation, event: DeploymentEvent): void {
		const text = JSON.stringify(event);
		this.tell(
			() =>
				`  ${event.type} ${"step" in event && event.step ? `${event.step.kind} ` : ""}${shortName(event)}${"message" in event ? `: ${event.message}` : ""}`,
		);
		if (text.includes(team.apiKey)) throw new Violation(`a secret got out: ${event.type}`);
		if (event.type === "warning" && /publishes the same now|still stand in hosted zone/.test(event.message))
			this.#staying.push(event.message);
	}

	/** What has to hold after every run. */
	#judge({ kind, team, made, written }: Operation, outcome: Outcome, weather: Weather, before: string): void {
		if (this.#violation) throw this.#violation;
		const state = JSON.stringify(team.stack.resources);
		if (state.includes(team.apiKey)) throw new Violation("a secret is in the state");
		if (kind === "preview" && state !== before) throw new Violation("a preview has changed the state");
		if (weather.wrongAddress && kind === "refresh" && team.stack.resources.length < JSON.parse(before).length)
			throw new Violation("an answer that is none of the API has emptied the state");
		if (outcome.killed || outcome.failures.some(({ message }) => message.includes("could not be heard"))) {
			for (const { domainIdentity } of team.program) this.#unrecorded.add(canonicalName(domainIdentity));
		}
		if (outcome.killed) return;
		if (kind === "refresh" && outcome.failures.length === 0) this.others.see();
		for (const each of written)
			if (!this.#isRecorded(team, each))
				throw new Violation(`${each.type} ${each.name} is written, and no state has it`);
		for (const id of made) {
			const setup = this.#setup(id);
			if (!setup || team.stack.resources.some((each) => each.id === id)) continue;
			const isTold = outcome.failures.some(
				({ message }) =>
					(message.includes(id) || message.includes(setup.tenantName)) && whatBecame.test(message),
			);
			if (!isTold) throw new Violation(`setup ${id} (${setup.domain}) is orphaned, and nobody is told`);
		}
	}

	/** Whether a value that was written is in the state, if it still stands. */
	#isRecorded(
		{ stack }: Team,
		{ zoneId, name, type, value }: { zoneId: string; name: string; type: string; value: string },
	): boolean {
		const zone = this.zones.find(({ id }) => id === zoneId);
		const set = zone && this.environment.find(zone, name, type);
		const stands = contains(
			type,
			(set?.ResourceRecords ?? []).map(({ Value }) => Value),
			value,
		);
		if (!zone || !stands || this.others.has(zone, name, type, value)) return true;
		return stack.resources.some(({ kind, outputs }) => {
			if (kind !== "Route53Records") return false;
			const records = outputs as RecordsOutputs;
			return [records, ...(records.former ?? [])].some(
				(each) =>
					each.zoneId === zoneId &&
					each.written.some((known) => known.name === name && known.type === type && hasValue(known, value)),
			);
		});
	}

	/** Of an observer, whose caller would take it for a failed call. */
	#violation: Violation | undefined;

	#violate(message: string): void {
		this.#violation ??= new Violation(message);
	}

	#setup(id: string): ModelSetup | undefined {
		return this.environment.api.visible.find((each) => each.id === id);
	}

	#beforeDelete({ kind, team, program, made }: Operation, id: string): void {
		this.#writes += 1;
		const setup = this.#setup(id);
		if (setup?.state !== "active") return;
		if (kind === "preview" || kind === "refresh") this.#violate(`a ${kind} deletes setup ${id}`);
		if (made.has(id)) return;
		if (!team.stack.resources.some((each) => each.id === id))
			this.#violate(`setup ${id} (${setup.domain}) is deleted, and is not in the state`);
		if (kind === "up" && !isTorn(program, setup) && program.some((declared) => isOf(declared, setup)))
			this.#violate(`setup ${id} (${setup.domain}) is deleted while the program declares it`);
	}

	#afterChange(operation: Operation, zoneId: string, changes: readonly Change[]): void {
		this.#writes += 1;
		const { kind, program, team } = operation;
		if (kind === "preview" || kind === "refresh") this.#violate(`a ${kind} changes a zone`);
		// What stands in the place of a record of ours passes for a change of it, whoever took ours away.
		const isChangeOfOurs = (name: string, type: string) =>
			team.stack.resources.some(
				({ kind, outputs }) =>
					kind === "Route53Records" &&
					(outputs as RecordsOutputs).written.some((set) => set.name === name && set.type === type) &&
					!changes.some(
						({ action, set }) =>
							action === "DELETE" &&
							set.name === name &&
							set.type === type &&
							set.values.some((value) => this.others.isOurs(type, value)),
					),
			);
		const overwrites = (name: string, type: string) =>
			kind === "up" &&
			program.some(({ domainIdentity, route53 }) => {
				if (!route53 || !name.endsWith(canonicalName(domainIdentity))) return false;
				const { mx, dmarc, other } = resolveRoute53(route53).onConflict;
				return [mx, dmarc, other].includes("overwrite") && type !== "A";
			});
		const isAdopted = (name: string) =>
			program.some(
				({ adoptExisting, domainIdentity }) => adoptExisting && name.endsWith(canonicalName(domainIdentity)),
			);
		const leave = (name: string, type: string): Leave => {
			if (isChangeOfOurs(name, type)) return "taken";
			if (!overwrites(name, type)) return undefined;
			// What has replaced something passes to who adopts its setup, and what it has replaced does not.
			const isAdopted = program.some(
				({ adoptExisting, domainIdentity }) => adoptExisting && name.endsWith(canonicalName(domainIdentity)),
			);
			return isAdopted ? "taken" : "replaced";
		};
		const unseen = changes.find((change) => this.others.isUnseen(zoneId, change));
		const isKnown = team.stack.resources.some(
			({ kind, outputs, pendingReplacement }) =>
				kind === "Route53Records" &&
				!pendingReplacement &&
				(outputs as RecordsOutputs).zoneId === zoneId &&
				(outputs as RecordsOutputs).written.some(
					({ name, type }) => name === unseen?.set.name && type === unseen.set.type,
				),
		);
		const { name = "", type = "" } = unseen?.set ?? {};
		if (kind === "up" && isKnown && !overwrites(name, type) && !isAdopted(name))
			this.#violate(`${type} ${name} is put back, and no preview has shown it`);
		try {
			this.others.notice(zoneId, changes, leave);
		} catch (error) {
			this.#violate((error as Error).message);
		}
		for (const { action, set } of changes) {
			if (action !== "DELETE") continue;
			const instead = changes.find(
				(each) => each.action === "CREATE" && each.set.name === set.name && each.set.type === set.type,
			)?.set;
			for (const value of set.values) {
				if (hasValue(instead, value)) continue;
				const setup = this.environment.api.visible.find(
					(each) => each.state === "active" && asksFor(each, set.name, set.type, value),
				);
				if (setup) this.#taken(operation, setup, { zoneId, name: set.name, type: set.type, value });
			}
		}
	}

	/** A record of a setup that stands was taken out of a zone. */
	#taken(
		{ kind, program, team }: Operation,
		setup: ModelSetup,
		{ zoneId, name, type, value }: { zoneId: string; name: string; type: string; value: string },
	): void {
		const declared = kind === "up" ? program.find((each) => isOf(each, setup)) : undefined;
		if (!declared) {
			if (this.environment.api.useCases.some(({ setupId }) => setupId === setup.id))
				this.#violate(`${type} ${name} is taken down, and use cases need it`);
			return;
		}
		// Nobody can know that another stack's setup asks for the same.
		if (!declared.route53 || isTorn(program, setup) || this.ownerOf(setup.id)?.team !== team) return;
		const { records, onConflict } = resolveRoute53(declared.route53);
		if (!isOfKind({ type }, records) || Object.values(onConflict).includes("keep")) return;
		const successor = this.zones.some(({ id }) => {
			const set = [...this.environment.zones.get(id).publishedAt(this.clock.now()).values()].find(
				(each) => canonicalName(each.Name) === name && each.Type === type,
			);
			return (
				id !== zoneId &&
				contains(
					type,
					(set?.ResourceRecords ?? []).map(({ Value }) => Value),
					value,
				)
			);
		});
		if (!successor) this.#violate(`${type} ${name} is taken down before its successor stands`);
	}

	/** Somebody else writes in a zone. */
	#meddle(): void {
		const { random, environment } = this;
		const zone = random.pick(this.zones);
		const domain = random.pick(domains);
		const ours = environment
			.records(zone)
			.filter(({ Name, Type, ResourceRecords = [] }) =>
				ResourceRecords.some(
					({ Value }) =>
						this.others.isOurs(Type, Value) && !this.others.has(zone, canonicalName(Name), Type, Value),
				),
			);
		const what = random.weighted<() => string>(
			[
				4,
				() => {
					if (ours.length === 0) return "nothing";
					const set = random.pick(ours);
					this.others.meddle(zone, set);
					return `meddles with ${set.Type} ${set.Name}`;
				},
			],
			[
				1,
				() => {
					this.others.add(zone, `_dmarc.${domain}`, "TXT", ['"another proof"']);
					return `adds a text at _dmarc.${domain}`;
				},
			],
			[
				1,
				() => {
					this.others.add(zone, domain, "MX", ["20 mx2.else.test"]);
					return `adds an MX at ${domain}`;
				},
			],
			[
				1,
				() => {
					this.others.add(zone, `_dmarc.${domain}`, "TXT", rivalOf(`_dmarc.${domain}`, "TXT"));
					return `adds a policy at _dmarc.${domain}`;
				},
			],
			[
				1,
				() => {
					return `withdraws ${this.others.withdraw(zone)}`;
				},
			],
		)();
		this.#say(`somebody else in ${zone.id} ${what}`);
	}

	/** Somebody else writes where a change of ours is about to be made. */
	#race(zoneId: string, changes: readonly Change[]): void {
		const zone = this.zones.find(({ id }) => id === zoneId);
		if (!zone) return;
		const { action, set } = this.random.pick(changes);
		const standing = this.environment.find(zone, set.name, set.type);
		if (action === "DELETE" && standing && this.random.chance(0.5)) this.others.meddle(zone, standing);
		else if (set.type === "MX") this.others.add(zone, set.name, "MX", ["30 mx3.else.test"]);
		else if (set.type === "TXT") this.others.add(zone, set.name, "TXT", ['"a proof in a hurry"']);
		this.#say(`somebody else is faster at ${set.type} ${set.name}`);
	}

	#delegateElsewhere(): void {
		const zones = this.zones.filter(({ name }) => name === "acme.test.");
		const zone = this.random.pick(zones);
		this.environment.registrar.delegate("acme.test.", zone.nameServers);
		this.#say(`acme.test is delegated to ${zone.id}`);
	}

	/** Where another zone of the name is live, the one that is not may go, with all that is in it. */
	#dropZone(): void {
		const zone = this.zones.find((each) => !this.isLive(each));
		if (!zone) return;
		for (const set of this.environment.records(zone)) this.environment.remove(zone, set);
		this.environment.zones.delete(zone.id);
		this.zones.splice(this.zones.indexOf(zone), 1);
		this.others.forget(zone);
		this.#say(`hosted zone ${zone.id} is deleted`);
	}

	#sicken(): void {
		const { random } = this;
		const zone = random.pick(this.zones);
		for (const host of zone.nameServers) {
			if (!random.chance(0.5)) continue;
			const health = random.pick<ServerHealth>(["well", "dead", "lame", "stale"]);
			this.environment.internet.setHealth(host, health);
			this.#say(`${host} is ${health}`);
		}
	}

	/** The API or SES behind it does something of its own. */
	#upset(): void {
		const { api } = this.environment;
		const { random } = this;
		const setup = api.visible.length > 0 ? random.pick(api.visible) : undefined;
		const identity = setup && api.identities.get(setup.domain);
		const what = random.weighted<() => string>(
			[
				2,
				() => {
					api.trouble = random.pick(["late", "unavailable"]);
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
		this.#say(what);
	}

	/** A use case comes, or all go. */
	#use(): void {
		const { api } = this.environment;
		if (api.useCases.length > 0) api.useCases.length = 0;
		else if (api.visible.length > 0) {
			const setup = this.random.pick(api.visible);
			api.refer(setup, `case ${this.random.text(4, "abc")}`);
			this.#say(`a use case refers to ${setup.domain}`);
		}
	}

	/** Whatever has happened: once all is well, people bring everything in order with what they are told. */
	async #heal(): Promise<void> {
		this.#say("from here on all is well");
		const { environment } = this;
		environment.internet.heal();
		environment.api.trouble = undefined;
		await this.#pass(90_000);
		// What one team takes down another may have kept as identical, and sees so in a refresh.
		for (const team of this.teams.length > 1 ? [...this.teams, ...this.teams] : this.teams) {
			for (let round = 1; ; round += 1) {
				const refresh = await this.#run("refresh", team);
				for (const { message } of refresh.failures) throw new Violation(`a refresh fails: ${message}`);
				const { failures } = await this.#run("up", team);
				if (failures.length === 0) break;
				if (round === 12) throw new Violation(`it does not heal: ${failures[0]?.message}`);
				for (const { urn, message } of failures) {
					const what = remedy(this, team, urn, message, round);
					if (what === undefined) throw new Violation(`nothing explains the failure: ${message}`);
					this.#say(what);
				}
				await this.#pass(negativeMs + 1_000);
			}
		}
	}

	/** Whether the internet asks a zone. */
	isLive(zone: HostedZone): boolean {
		const top = this.environment.registrar.registered("acme.test.")?.nameServers ?? [];
		if (zone.name === "acme.test.") return zone.nameServers.some((host) => top.includes(host));
		return this.zones.some(
			(above) =>
				above.name === "acme.test." && this.isLive(above) && this.environment.find(above, zone.name, "NS"),
		);
	}

	/** Where a setup is that no state has; told to the person who looks for it. */
	isExcused(setup: ModelSetup): boolean {
		const maker = this.#makers.get(setup.id);
		if (!maker) return false;
		const failures = maker.outcome?.failures ?? [];
		return (
			maker.outcome === undefined ||
			maker.outcome.killed ||
			failures.some(({ message }) => message.includes(setup.id) || message.includes(setup.tenantName))
		);
	}

	/** The state of which team has it. */
	ownerOf(setupId: string): { team: Team; name: string } | undefined {
		for (const team of this.teams) {
			const resource = team.stack.resources.find(
				({ id, kind, pendingReplacement }) => id === setupId && kind === "SesSetup" && !pendingReplacement,
			);
			if (resource) return { team, name: resource.name };
		}
		return undefined;
	}

	/** Everything is as it is wanted, and stays so. */
	async #settled(): Promise<void> {
		for (const team of this.teams) {
			const writes = this.#writes;
			const { steps, failures } = await this.#run("up", team);
			if (failures.length > 0) throw new Violation(`the second up fails: ${failures[0]?.message}`);
			if (steps.length > 0) throw new Violation(`the second up does: ${JSON.stringify(steps)}`);
			if (this.#writes > writes) throw new Violation("the second up writes");
		}
		for (const zone of this.zones) this.others.check(zone, false);
		for (const team of this.teams) for (const declared of team.program) this.#checkDeclared(team, declared);
		for (const setup of this.environment.api.visible) {
			if (!this.ownerOf(setup.id) && !this.isExcused(setup))
				throw new Violation(`setup ${setup.id} (${setup.domain}) is orphaned`);
		}
	}

	#checkDeclared(team: Team, declared: DeclaredSetup): void {
		const { resources } = team.stack;
		const setup = resources.find(({ name, kind }) => kind === "SesSetup" && name === declared.name);
		const live = setup && this.#setup(setup.id);
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
			this.#checkRecords(declared, dnsRecords, records.outputs as RecordsOutputs);
		const verification = resources.find(
			({ name, kind }) => kind === "Verification" && name === `${declared.name}-verification`,
		);
		if ((verification !== undefined) !== (declared.waitForVerification !== undefined))
			throw new Violation(`${declared.name}: the wait is ${verification ? "" : "not "}there`);
	}

	#checkRecords(declared: DeclaredSetup, dnsRecords: DnsRecord[], outputs: RecordsOutputs): void {
		const args = resolveRoute53(declared.route53 ?? {});
		const zone = this.zones.find(({ id }) => id === outputs.zoneId);
		if (!zone) throw new Violation(`${declared.name}: its zone is none`);
		if (args.zoneId !== undefined && args.zoneId !== zone.id)
			throw new Violation(`${declared.name}: its records are in another zone than it says`);
		if (outputs.former) throw new Violation(`${declared.name}: a former zone is left`);
		for (const want of desiredSets(dnsRecords, args)) {
			const set = this.environment.find(zone, want.name, want.type);
			const standing = (set?.ResourceRecords ?? []).map(({ Value }) => Value);
			const isKept = outputs.kept.some(
				({ name, type, reason }) => name === want.name && type === want.type && reason === "conflict",
			);
			if (isKept) continue;
			const missing = want.values.filter((value) => !contains(want.type, standing, value));
			if (missing.length > 0)
				throw new Violation(`${want.type} ${want.name}: ${missing.join(", ")} is missing`);
			const written = outputs.written.find(({ name, type }) => name === want.name && type === want.type);
			if (
				written &&
				!Object.values(args.onConflict).includes("keep") &&
				written.others.length === 0 &&
				standing.length === want.values.length &&
				set?.TTL !== args.ttl
			)
				throw new Violation(`${want.type} ${want.name}: the TTL is ${set?.TTL} instead of ${args.ttl}`);
		}
	}

	/** All is taken down, and nothing is left but what is of others. */
	async #end(): Promise<void> {
		const { api } = this.environment;
		for (const team of this.teams) {
			const used = team.stack.resources.some(
				({ id, kind }) => kind === "SesSetup" && api.useCases.some(({ setupId }) => setupId === id),
			);
			if (used) {
				const { failures } = await this.#run("destroy", team);
				if (failures.length === 0) throw new Violation("a setup in use is destroyed");
				api.useCases.length = 0;
			}
			const { failures } = await this.#run("destroy", team);
			if (failures.length > 0) throw new Violation(`a destroy fails: ${failures[0]?.message}`);
			if (team.stack.resources.length > 0) throw new Violation("a destroy leaves something in the state");
		}
		for (const setup of api.visible)
			if (!this.isExcused(setup)) throw new Violation(`setup ${setup.id} (${setup.domain}) is left`);
		for (const zone of this.zones) {
			for (const domain of this.#unrecorded) this.others.yieldTo(zone, domain);
			this.others.check(zone, true);
			for (const set of this.environment.records(zone)) {
				for (const { Value } of set.ResourceRecords ?? []) {
					const name = canonicalName(set.Name);
					if (!this.others.isOurs(set.Type, Value) || this.others.has(zone, name, set.Type, Value)) continue;
					const isExcused =
						[...this.#unrecorded].some((domain) => name.endsWith(domain)) ||
						this.#staying.some(
							(warning) => warning.includes(`${set.Type} ${name}`) || warning.includes(`${name} ${set.Type}`),
						);
					if (!isExcused) throw new Violation(`${set.Type} ${name} ${Value} is left in ${zone.id}`);
				}
			}
		}
	}
}

const isOf = (declared: DeclaredSetup, setup: ModelSetup) =>
	declared.tenantName === setup.tenantName && canonicalName(declared.domainIdentity) === setup.domain;

/** A domain has one tenant, and a tenant one domain: a program that declares another pair cannot be fulfilled. */
const isTorn = (program: readonly DeclaredSetup[], setup: ModelSetup) =>
	program.some(
		({ domainIdentity, tenantName }) =>
			(canonicalName(domainIdentity) === setup.domain) !== (tenantName === setup.tenantName),
	);

/** How a failure says what has become of a registration. */
const whatBecame = /already|in doubt|is not there|could not be deleted again|right now|stopped/;

const asksFor = (setup: ModelSetup, name: string, type: string, value: string) =>
	desiredSets(setup.records, { records: ["dkim", "mx", "dmarc"] satisfies RecordKind[], ttl: 0 }).some(
		(want) => want.name === name && want.type === type && hasValue(want, value),
	);

const shortName = (event: DeploymentEvent) => {
	const urn = "urn" in event ? event.urn : event.step.urn;
	return urn?.slice(urn.lastIndexOf("::") + 2) ?? "";
};
