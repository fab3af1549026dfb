import { canonicalName, contains, hasValue } from "../../dns/index.js";
import { isOfKind } from "../../provider/arguments/record-kinds.js";
import { type RecordsOutputs, resolveRoute53 } from "../../provider/core/inputs.js";
import type { Change } from "../../provider/core/route53/sets.js";
import type { DeploymentEvent, Outcome } from "../support/deployment/deployment.js";
import type { ModelSetup } from "./channels-model.js";
import { race } from "./happenings.js";
import type { Leave } from "./others.js";
import type { Observer, Weather } from "./process.js";
import { asksFor, isOf, type Operation, type Scene } from "./scene.js";
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
	/** Setups that it has made, and their tenants. */
	readonly #made = new Map<string, string | undefined>();
	/** What it knows that it has written. */
	readonly #written: Written[] = [];
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
		this.#standing = new Set(scene.environment.api.visible.map(({ id }) => id));
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
		if (!team.stack.resources.some((each) => each.id === id))
			this.#violate(`setup ${id} (${setup.domain}) is deleted, and is not in the state`);
		if (kind === "up" && program.some((declared) => isOf(declared, setup)))
			this.#violate(`setup ${id} (${setup.domain}) is deleted while the program declares it`);
	}

	/** Whether a request of a run that is over came only now: nobody has what it made, or can tell it from one of this run. */
	#isLate(id: string): boolean {
		const maker = this.scene.makers.get(id);
		return maker?.outcome !== undefined && !this.#standing.has(id) && !this.scene.ownerOf(id);
	}

	created(id: string): void {
		this.scene.writes += 1;
		this.#made.set(id, this.scene.setup(id)?.tenantName);
		this.scene.makers.set(id, this.operation);
	}

	accepted(zoneId: string, changes: readonly Change[]): void {
		for (const { action, set } of changes)
			for (const value of action === "CREATE" ? set.values : [])
				if (this.scene.others.isOurs(set.type, value))
					this.#written.push({ zoneId, name: set.name, type: set.type, value });
	}

	raced(zoneId: string, changes: readonly Change[]): void {
		race(this.scene, zoneId, changes);
	}

	changed(zoneId: string, changes: readonly Change[]): void {
		this.scene.writes += 1;
		const { kind, program, team } = this.operation;
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
							set.values.some((value) => this.scene.others.isOurs(type, value)),
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
		const unseen = changes.find((change) => this.scene.others.isUnseen(zoneId, change));
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
		const isRepeated = this.#changes.has(changes);
		this.#changes.add(changes);
		if (kind === "up" && isKnown && !isRepeated && !overwrites(name, type) && !isAdopted(name))
			this.#violate(`${type} ${name} is put back, and no preview has shown it`);
		try {
			this.scene.others.notice(zoneId, changes, leave);
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
				const setup = this.scene.environment.api.visible.find(
					(each) => each.state === "active" && asksFor(each, set.name, set.type, value),
				);
				if (setup) this.#taken(setup, { zoneId, name: set.name, type: set.type, value });
			}
		}
	}

	/** A record of a setup that stands was taken out of a zone. */
	#taken(setup: ModelSetup, { zoneId, name, type, value }: Written): void {
		const { kind, program, team } = this.operation;
		// What is of a setup that is gone goes before another one's stands, which may ask for the same.
		const isOfGone = team.stack.resources.some(({ kind, outputs }) => {
			if (kind !== "Route53Records") return false;
			const records = outputs as RecordsOutputs;
			if (records.zoneId !== zoneId || this.scene.setup(records.setupId)) return false;
			return records.written.some((set) => set.name === name && set.type === type && hasValue(set, value));
		});
		if (isOfGone) return;
		const declared = kind === "up" ? program.find((each) => isOf(each, setup)) : undefined;
		if (!declared) {
			// Of another workspace's, or another stack's, nobody can know.
			const isKnown =
				setup.workspaceId === team.workspaceId &&
				(team.stack.resources.some(({ id }) => id === setup.id) || !this.scene.ownerOf(setup.id));
			if (isKnown && this.scene.environment.api.useCases.some(({ setupId }) => setupId === setup.id))
				this.#violate(`${type} ${name} is taken down, and use cases need it`);
			return;
		}
		// Nobody can know that another stack's setup asks for the same.
		if (!declared.route53 || this.scene.ownerOf(setup.id)?.team !== team) return;
		const { records, onConflict } = resolveRoute53(declared.route53);
		if (!isOfKind({ type }, records) || Object.values(onConflict).includes("keep")) return;
		const successor = this.scene.zones.some(({ id }) => {
			const set = [...this.scene.environment.zones.get(id).publishedAt(this.scene.clock.now()).values()].find(
				(each) => canonicalName(each.Name) === name && each.Type === type,
			);
			const standing = (set?.ResourceRecords ?? []).map(({ Value }) => Value);
			// What somebody has made of it there since is theirs.
			const stood = contains(type, standing, value) || this.scene.others.isContested(id, name, type);
			return id !== zoneId && stood;
		});
		if (!successor) this.#violate(`${type} ${name} is taken down before its successor stands`);
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
			/publishes the same now|still stand in hosted zone|will not be put back/.test(event.message)
		)
			this.scene.staying.push(event.message);
	}

	/** What has to hold after every run. */
	judge(outcome: Outcome): void {
		const { kind, team } = this.operation;
		if (this.#violation) throw this.#violation;
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
		for (const id of this.#made.keys()) {
			const setup = this.scene.setup(id);
			if (!setup || team.stack.resources.some((each) => each.id === id)) continue;
			if (this.#isRepetition(setup)) {
				this.scene.repeated.add(id);
				continue;
			}
			const isTold = outcome.failures.some(
				({ message }) =>
					(message.includes(id) || message.includes(setup.tenantName)) && whatBecame.test(message),
			);
			if (!isTold) throw new Violation(`setup ${id} (${setup.domain}) is orphaned, and nobody is told`);
		}
	}

	/** Whether a request that was repeated on its way made it anew, once what it had made first was deleted again. */
	#isRepetition({ id, tenantName }: ModelSetup): boolean {
		return [...this.#made].some(
			([other, tenant]) => other !== id && tenant === tenantName && !this.scene.setup(other),
		);
	}

	/** Whether a value that was written is in the state, if it still stands. */
	#isRecorded({ zoneId, name, type, value }: Written): boolean {
		const zone = this.scene.zones.find(({ id }) => id === zoneId);
		const set = zone && this.scene.environment.find(zone, name, type);
		const stands = contains(
			type,
			(set?.ResourceRecords ?? []).map(({ Value }) => Value),
			value,
		);
		if (!zone || !stands || this.scene.others.has(zone, name, type, value)) return true;
		if (this.scene.isLeft(type, name)) return true;
		return this.operation.team.stack.resources.some(({ kind, outputs }) => {
			if (kind !== "Route53Records") return false;
			const records = outputs as RecordsOutputs;
			return [records, ...(records.former ?? [])].some(
				(each) =>
					each.zoneId === zoneId &&
					each.written.some((known) => known.name === name && known.type === type && hasValue(known, value)),
			);
		});
	}

	#violate(message: string): void {
		this.#violation ??= new Violation(message);
	}
}

/** How a failure says what has become of a registration. */
const whatBecame =
	/already|in doubt|is not there|could not be deleted again|right now|registered meanwhile|stopped/;

const shortName = (event: DeploymentEvent) => {
	const urn = "urn" in event ? event.urn : event.step.urn;
	return urn?.slice(urn.lastIndexOf("::") + 2) ?? "";
};
