import { isDeepStrictEqual } from "node:util";
import { canonicalName, contains, hasValue } from "../../dns/index.js";
import { ofKinds } from "../../provider/arguments/record-kinds.js";
import { codeOf } from "../../provider/core/errors.js";
import type { Change } from "../../provider/core/hosts/route53/changes.js";
import { type RecordsOutputs, resolveRoute53, type SetupOutputs } from "../../provider/core/inputs.js";
import { childName } from "../../provider/tokens.js";
import type { DeploymentEvent, Outcome } from "../support/deployment/deployment.js";
import { race } from "./happenings.js";
import type { Leave } from "./others.js";
import type { Observer, Weather } from "./process.js";
import { asksFor, isOf, type Operation, type Scene } from "./scene.js";
import type { KnownSetup } from "./setups.js";
import { Violation } from "./violation.js";

/** A value that a run has written. */
interface Written {
	readonly zoneId: string;
	readonly name: string;
	readonly type: string;
	readonly value: string;
}

/** Watches one run of the engine: what it changes, what it says, and what it leaves in the state. */
export class Watch implements Observer {
	/** Setups that it has made. */
	readonly #made = new Set<string>();
	/** What it knows that it has written. */
	readonly #written: Written[] = [];
	/** What was not there before it, be it accepted or not. */
	readonly #brought = new Set<string>();
	/** What it has changed: the same again was repeated on its way. */
	readonly #changes = new Set<readonly Change[]>();
	/** Of a change, whose sender would take it for a failed call. */
	#violation: Violation | undefined;
	readonly #before: string;
	/** Setups that were there before. */
	readonly #standing: ReadonlySet<string>;

	constructor(
		private readonly scene: Scene,
		private readonly operation: Operation,
		private readonly weather: Weather,
	) {
		this.#before = this.#state;
		this.#standing = new Set(scene.visible.map(({ id }) => id));
	}

	get #state(): string {
		return JSON.stringify(this.operation.team.stack.resources);
	}

	deleting(id: string): void {
		const { kind, team, program } = this.operation;
		this.scene.writes += 1;
		const setup = this.scene.setup(id);
		if (setup?.state !== "active") return;
		if (kind === "preview" || kind === "refresh") this.#violate(`a ${kind} deletes setup ${id}`);
		if (this.#made.has(id) || this.#isLate(id)) return;
		const resource = team.stack.resources.find((each) => each.id === id);
		// Nobody could know that it is whole.
		if (resource && (resource.outputs as SetupOutputs).missing) return;
		if (!resource) this.#violate(`setup ${id} (${setup.domain}) is deleted, and is not in the state`);
		if (kind === "up" && program.some((declared) => isOf(declared, setup)) && !this.#isSucceededLate(setup))
			this.#violate(`setup ${id} (${setup.domain}) is deleted while the program declares it`);
	}

	/** Whether a request of a run that is over came only now: nobody has what it made, or can tell it from one of this run. */
	#isLate(id: string): boolean {
		const maker = this.scene.makers.get(id);
		return maker?.outcome !== undefined && !this.#standing.has(id) && !this.scene.ownerOf(id);
	}

	created(id: string): void {
		// The same create again.
		if (this.scene.makers.has(id)) return;
		this.scene.writes += 1;
		this.#made.add(id);
		this.scene.makers.set(id, this.operation);
	}

	altering(operation: string): void {
		this.scene.writes += 1;
		const { kind } = this.operation;
		// A check has SES look again for records that it gave up.
		const isCheck = kind === "refresh" && operation === "PutEmailIdentityDkimSigningAttributes";
		if ((kind === "preview" || kind === "refresh") && !isCheck) this.#violate(`a ${kind} makes ${operation}`);
	}

	accepted(zoneId: string, changes: readonly Change[]): void {
		for (const { name, type, value } of valuesOf(changes, "CREATE")) {
			const written = { zoneId, name, type, value };
			// What a killed run has left there stays what it is where its set is made anew, or what was replaced comes back.
			const isLeft = !this.#brought.has(keyOf(written)) && !this.#isInState(written);
			if (this.scene.others.isOurs(type, value) && !isLeft && !this.#isPutBack(written))
				this.#written.push(written);
		}
	}

	raced(zoneId: string, changes: readonly Change[]): void {
		race(this.scene, zoneId, changes);
	}

	changed(zoneId: string, changes: readonly Change[]): void {
		this.scene.writes += 1;
		const { kind } = this.operation;
		if (kind === "preview" || kind === "refresh") this.#violate(`a ${kind} changes a zone`);
		this.#checkShown(zoneId, changes);
		try {
			this.scene.others.notice(zoneId, changes, (name, type) => this.#leave(name, type, changes));
		} catch (error) {
			this.#violate((error as Error).message);
		}
		this.#checkTaken(zoneId, changes);
		const stood = new Set(valuesOf(changes, "DELETE").map((each) => keyOf({ zoneId, ...each })));
		for (const each of valuesOf(changes, "CREATE").map((each) => keyOf({ zoneId, ...each })))
			if (!stood.has(each)) this.#brought.add(each);
	}

	/** What somebody has taken away comes back only once a preview has shown it. */
	#checkShown(zoneId: string, changes: readonly Change[]): void {
		const isRepeated = this.#changes.has(changes);
		this.#changes.add(changes);
		const unseen = changes.find((change) => this.scene.others.isUnseen(zoneId, change));
		if (!unseen || isRepeated || this.operation.kind !== "up") return;
		const { name, type } = unseen.set;
		const isKnown = this.#records.some(
			(each) =>
				!each.pendingReplacement &&
				this.#isDeclared(each) &&
				each.outputs.zoneId === zoneId &&
				each.outputs.written.some((set) => set.name === name && set.type === type),
		);
		if (
			isKnown &&
			!this.#isAsSeen(unseen.set, zoneId, changes) &&
			!this.#overwrites(name, type) &&
			!this.#adopts(name)
		)
			this.#violate(`${type} ${name} is put back, and no preview has shown it`);
	}

	/** Somebody has done again what a refresh had found, and what a killed run has undone: the state's preview shows that. */
	#isAsSeen({ name, type }: Change["set"], zoneId: string, changes: readonly Change[]): boolean {
		const at = (sets: readonly Change["set"][]) =>
			sets
				.filter((set) => set.name === name && set.type === type)
				.map(({ ttl, values }) => JSON.stringify([ttl, [...values].sort()]));
		const stood = at(changes.filter(({ action }) => action === "DELETE").map(({ set }) => set));
		return this.#records.some(
			({ outputs: { seen, ...outputs } }) =>
				outputs.zoneId === zoneId && seen !== undefined && isDeepStrictEqual(at(seen), stood),
		);
	}

	/** How others lose what a change takes from them. */
	#leave(name: string, type: string, changes: readonly Change[]): Leave {
		const isThis = (set: { name: string; type: string }) => set.name === name && set.type === type;
		// What stands in the place of a record of ours passes for a change of it, whoever took ours away.
		const isChangeOfOurs =
			this.#records.some(({ outputs }) => outputs.written.some(isThis)) &&
			!changes.some(
				({ action, set }) =>
					action === "DELETE" &&
					isThis(set) &&
					set.values.some((value) => this.scene.others.isOurs(type, value)),
			);
		if (isChangeOfOurs) return "taken";
		if (!this.#overwrites(name, type)) return undefined;
		// What has replaced something passes to who adopts its setup, and what it has replaced does not.
		return this.#adopts(name) ? "taken" : "replaced";
	}

	#overwrites(name: string, type: string): boolean {
		const { kind, program } = this.operation;
		return (
			kind === "up" &&
			program.some(({ domainIdentity, route53 }) => {
				if (!route53 || !name.endsWith(canonicalName(domainIdentity))) return false;
				const { mx, dmarc, other } = resolveRoute53(route53).onConflict;
				return [mx, dmarc, other].includes("overwrite") && type !== "A";
			})
		);
	}

	#adopts(name: string): boolean {
		return this.operation.program.some(
			({ adoptExisting, domainIdentity }) => adoptExisting && name.endsWith(canonicalName(domainIdentity)),
		);
	}

	/** The records in the state. */
	get #records() {
		return this.operation.team.stack.resources.flatMap((resource) =>
			resource.kind === "Route53Records"
				? [{ ...resource, outputs: resource.outputs as RecordsOutputs }]
				: [],
		);
	}

	/** Whether it goes on: what is made anew in the place of another resource was never taken away from it. */
	#isDeclared({ name }: { name: string }): boolean {
		return this.operation.program.some((declared) =>
			[declared.name, ...(declared.aliases ?? [])].some((each) => childName.records(each) === name),
		);
	}

	/** Nothing that a setup needs goes before its successor stands. */
	#checkTaken(zoneId: string, changes: readonly Change[]): void {
		for (const { action, set } of changes) {
			if (action !== "DELETE") continue;
			const instead = changes.find(
				(each) => each.action === "CREATE" && each.set.name === set.name && each.set.type === set.type,
			)?.set;
			for (const value of set.values) {
				if (hasValue(instead, value)) continue;
				const setup = this.scene.visible.find(
					(each) => each.state === "active" && asksFor(each, set.name, set.type, value),
				);
				if (setup) this.#taken(setup, { zoneId, name: set.name, type: set.type, value });
			}
		}
	}

	/** A record of a setup that stands was taken out of a zone. */
	#taken(setup: KnownSetup, { zoneId, name, type, value }: Written): void {
		const { kind, program, team } = this.operation;
		// What is of a setup that is gone goes before another one's stands, which may ask for the same.
		const isOfGone = this.#records.some(({ outputs }) => {
			if (outputs.zoneId !== zoneId || this.scene.setup(outputs.setupId)) return false;
			return outputs.written.some((set) => set.name === name && set.type === type && hasValue(set, value));
		});
		if (isOfGone) return;
		const declared = kind === "up" ? program.find((each) => isOf(each, setup)) : undefined;
		if (!declared) {
			// Of another workspace's, or another stack's, nobody can know.
			const isKnown =
				setup.workspaceId === team.workspaceId &&
				(team.stack.resources.some(({ id }) => id === setup.id) || !this.scene.ownerOf(setup.id));
			if (isKnown && this.scene.environment.setups.useCases.some(({ setupId }) => setupId === setup.id))
				this.#violate(`${type} ${name} is taken down, and use cases need it`);
			return;
		}
		if (this.#hasLostItsOwn(declared.name) || this.#isSucceededLate(setup)) return;
		// Nobody can know that another stack's setup asks for the same.
		if (!declared.route53 || this.scene.ownerOf(setup.id)?.team !== team) return;
		const { records, onConflict } = resolveRoute53(declared.route53);
		const isWanted = ofKinds(setup.records, setup.domain, records).some(
			(each) => each.type === type && each.address === name,
		);
		if (!isWanted || Object.values(onConflict).includes("keep")) return;
		const successor = this.scene.zones.some(({ id }) => {
			const zone = this.scene.environment.zones.get(id);
			// Where servers are given their answers count, and of two zones of a name they know one.
			const served = team.dnsServers ? zone.records : zone.publishedAt(this.scene.clock.now());
			const set = [...served.values()].find(
				(each) => canonicalName(each.Name) === name && each.Type === type,
			);
			const standing = (set?.ResourceRecords ?? []).map(({ Value }) => Value);
			// What somebody has made of it there since is theirs.
			const stood = contains(type, standing, value) || this.scene.others.isContested(id, name, type);
			return id !== zoneId && stood;
		});
		if (!successor) this.#violate(`${type} ${name} is taken down before its successor stands`);
	}

	/** A duplicate that is declared after the replacement that it would save from deleting its setup. */
	#isSucceededLate(setup: KnownSetup): boolean {
		const { program, team } = this.operation;
		const replaced = program.findIndex(
			(declared) =>
				!isOf(declared, setup) &&
				team.stack.resources.some(({ name, id }) => name === declared.name && id === setup.id),
		);
		return replaced >= 0 && program.findIndex((declared) => isOf(declared, setup)) > replaced;
	}

	/** A setup that was deleted by hand, whose resource nobody has refreshed: who has made it anew is then alone in the state. */
	#hasLostItsOwn(declaredAs: string): boolean {
		return this.operation.team.stack.resources.some(
			({ kind, name, id }) => kind === "SesSetup" && name === declaredAs && !this.scene.setup(id),
		);
	}

	hear(event: DeploymentEvent): void {
		const { team } = this.operation;
		const text = JSON.stringify(event);
		this.scene.tell(
			() =>
				`  ${event.type} ${"step" in event && event.step ? `${event.step.kind} ` : ""}${shortName(event)}${"message" in event ? `: ${event.message}` : ""}`,
		);
		if (text.includes(team.apiKey)) throw new Violation(`a secret got out: ${event.type}`);
		if (
			event.type === "warning" &&
			/does not remove later|still stand in hosted zone|will not be put back/.test(event.message)
		)
			this.scene.staying.push(event.message);
	}

	/** What has to hold after every run. */
	judge(outcome: Outcome): void {
		const { kind, team } = this.operation;
		if (this.#violation) throw this.#violation;
		this.scene.inSes?.others.check();
		const state = this.#state;
		if (state.includes(team.apiKey)) throw new Violation("a secret is in the state");
		if (kind === "preview" && state !== this.#before) throw new Violation("a preview has changed the state");
		if (
			this.weather.wrongAddress &&
			kind === "refresh" &&
			team.stack.resources.length < JSON.parse(this.#before).length
		)
			throw new Violation("an answer that is none of the API has emptied the state");
		if (outcome.killed || outcome.failures.some(({ message }) => message.includes("could not be heard"))) {
			for (const { domainIdentity } of team.program) this.scene.unrecorded.add(canonicalName(domainIdentity));
		}
		for (const { kind, urn } of outcome.steps) {
			const resource = team.stack.resources.find((each) => each.urn === urn);
			if (resource?.kind !== "Route53Records") continue;
			const { zoneId, written, kept, drift } = resource.outputs as RecordsOutputs;
			// The next preview shows what a refresh has found, or what an update has met and noted.
			const isNoted = ({ type, name }: { type: string; name: string }) =>
				drift.some((line) => line.startsWith(`${type} ${name}: `));
			this.scene.others.see(zoneId, kind === "read" ? [...written, ...kept] : written.filter(isNoted));
		}
		if (outcome.killed) return;
		for (const each of this.#written)
			if (!this.#isRecorded(each))
				throw new Violation(`${each.type} ${each.name} is written, and no state has it`);
		for (const id of this.#made) {
			const setup = this.scene.kept.find((each) => each.id === id);
			if (!setup || team.stack.resources.some((each) => each.id === id)) continue;
			const isTold = outcome.failures.some(
				({ message, cause }) =>
					message.includes(id) ||
					(setup.tenantName !== "" && message.includes(setup.tenantName) && whatBecame.has(codeOf(cause))),
			);
			if (!isTold) throw new Violation(`setup ${id} (${setup.domain}) is orphaned, and nobody is told`);
		}
	}

	/** Whether a value that was written is in the state, if it still stands. */
	#isRecorded(written: Written): boolean {
		const { zoneId, name, type, value } = written;
		const zone = this.scene.zones.find(({ id }) => id === zoneId);
		const set = zone && this.scene.environment.find(zone, name, type);
		const stands = contains(
			type,
			(set?.ResourceRecords ?? []).map(({ Value }) => Value),
			value,
		);
		if (!zone || !stands || this.scene.others.has(zone, name, type, value)) return true;
		return this.scene.isLeft(type, name) || this.#isInState(written);
	}

	#isPutBack({ zoneId, name, type, value }: Written): boolean {
		return this.#records.some(
			({ outputs }) =>
				outputs.zoneId === zoneId &&
				outputs.written.some(({ replaced = [] }) =>
					replaced.some((set) => set.name === name && set.type === type && hasValue(set, value)),
				),
		);
	}

	#isInState({ zoneId, name, type, value }: Written): boolean {
		return this.#records.some(({ outputs }) =>
			[outputs, ...(outputs.former ?? [])].some(
				(each) =>
					each.zoneId === zoneId &&
					[...each.written, ...(each.pending?.written ?? [])].some(
						(known) => known.name === name && known.type === type && hasValue(known, value),
					),
			),
		);
	}

	#violate(message: string): void {
		this.#violation ??= new Violation(message);
	}
}

const valuesOf = (changes: readonly Change[], wanted: Change["action"]) =>
	changes
		.filter(({ action }) => action === wanted)
		.flatMap(({ set: { name, type, values } }) => values.map((value) => ({ name, type, value })));

const keyOf = ({ zoneId, name, type, value }: Written) => [zoneId, name, type, value].join(" ");

/** What says of names that a setup of them may be there. */
const whatBecame = new Set(["create-in-doubt", "setup-perhaps-ours", "names-busy", "names-taken"]);

const shortName = (event: DeploymentEvent) => {
	const urn = "urn" in event ? event.urn : event.step.urn;
	return urn?.slice(urn.lastIndexOf("::") + 2) ?? "";
};
