import { ServiceError } from "../errors.js";
import { canonicalName, isWithin, SyntaxProblem, sortKey } from "./names.js";
import { type RecordType, resourceRecord } from "./values.js";

/** A record set in the API's own terms; `Name` is stored in the form of {@link canonicalName}. */
export interface ResourceRecordSet {
	readonly Name: string;
	readonly Type: RecordType;
	readonly SetIdentifier?: string;
	readonly Weight?: number;
	readonly Region?: string;
	readonly GeoLocation?: Readonly<Record<string, string>>;
	readonly Failover?: string;
	readonly MultiValueAnswer?: boolean;
	readonly TTL?: number;
	readonly ResourceRecords?: readonly { readonly Value: string }[];
	readonly AliasTarget?: AliasTarget;
	readonly HealthCheckId?: string;
}

interface AliasTarget {
	readonly HostedZoneId: string;
	readonly DNSName: string;
	readonly EvaluateTargetHealth: boolean;
}

export interface Change {
	readonly Action: "CREATE" | "DELETE" | "UPSERT";
	readonly ResourceRecordSet: ResourceRecordSet;
}

/** The record sets of one zone by {@link recordSetKey}. */
export type RecordSets = ReadonlyMap<string, ResourceRecordSet>;

/** Where changes apply. */
export interface ZoneIdentity {
	readonly id: string;
	/** In the form of {@link canonicalName}. */
	readonly name: string;
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests-changeresourcerecordsets */
const limits = { records: 1000, characters: 32_000, valuesPerSet: 400 };

/** The routing policies, of which a set with a SetIdentifier has exactly one, by the member that sets them. */
const policyNames = {
	Weight: "weighted",
	Region: "latency",
	GeoLocation: "geolocation",
	Failover: "failover",
	MultiValueAnswer: "multivalue answer",
} as const;
export const policies = Object.keys(policyNames) as (keyof typeof policyNames)[];

/** Identifies a record set in its zone; keys sort as Route 53 lists: by reversed name, type, set identifier. */
export function recordSetKey(name: string, type: string, setIdentifier = ""): string {
	return `${sortKey(name)}\0${type}\0${setIdentifier}`;
}

/** In the order in which Route 53 lists them. */
export function sorted(records: RecordSets): ResourceRecordSet[] {
	return [...records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
}

/**
 * A batch of changes applied to a zone, in order, wholly or not at all.
 * @throws ServiceError `InvalidChangeBatch` with one message for each change that is refused
 */
export function applyChanges(
	zone: ZoneIdentity,
	current: RecordSets,
	changes: readonly Change[],
): RecordSets {
	checkBatchLimits(changes);
	const next = new Map(current);
	const typesByName = new Map<string, Map<string, ResourceRecordSet>>();
	for (const [key, set] of current) typesAt(typesByName, set.Name).set(key, set);

	const problems: string[] = [];
	const touched = new Map<string, Change["Action"]>();
	for (const { Action, ResourceRecordSet: requested } of changes) {
		const set = normalise(requested);
		if (typeof set === "string") {
			problems.push(set);
			continue;
		}
		const key = recordSetKey(set.Name, set.Type, set.SetIdentifier);
		const before = touched.get(key);
		// DELETE then CREATE replaces a set; any other pair contradicts itself.
		if (before !== undefined && !(before === "DELETE" && Action === "CREATE")) {
			problems.push(
				`The request contains an invalid set of changes for a resource record set '${set.Type} ${set.Name}'`,
			);
			continue;
		}
		touched.set(key, Action);
		const neighbours = typesAt(typesByName, set.Name);
		const problem =
			Action === "DELETE"
				? deleteProblem(set, next.get(key))
				: writeProblem(zone, set, Action, key, neighbours);
		if (problem !== undefined) {
			problems.push(problem);
		} else if (Action === "DELETE") {
			next.delete(key);
			neighbours.delete(key);
		} else {
			next.set(key, set);
			neighbours.set(key, set);
		}
	}
	problems.push(...apexProblems(zone, next), ...aliasProblems(zone, next, touched));
	if (problems.length > 0) throw invalidBatch(problems);
	return next;
}

function invalidBatch(messages: readonly string[]): ServiceError {
	return new ServiceError(400, "InvalidChangeBatch", `[${messages.join(", ")}]`);
}

function typesAt(
	byName: Map<string, Map<string, ResourceRecordSet>>,
	name: string,
): Map<string, ResourceRecordSet> {
	const found = byName.get(name) ?? new Map<string, ResourceRecordSet>();
	byName.set(name, found);
	return found;
}

function checkBatchLimits(changes: readonly Change[]): void {
	let records = 0;
	let characters = 0;
	for (const { Action, ResourceRecordSet: set } of changes) {
		// "When the value of Action is UPSERT, each ResourceRecord element is counted twice", as are its characters.
		const factor = Action === "UPSERT" ? 2 : 1;
		for (const { Value } of set.ResourceRecords ?? []) {
			records += factor;
			characters += factor * Value.length;
		}
	}
	if (records > limits.records)
		throw invalidBatch([`Number of records limit of ${limits.records} exceeded.`]);
	if (characters > limits.characters) {
		throw invalidBatch([`Number of characters limit of ${limits.characters} exceeded.`]);
	}
}

/** The set in its stored form, or what is wrong with it on its own. */
function normalise(set: ResourceRecordSet): ResourceRecordSet | string {
	const values = (set.ResourceRecords ?? []).map(({ Value }) => Value);
	try {
		const name = canonicalName(set.Name);
		for (const value of values) resourceRecord(name, set.Type, set.TTL ?? 0, value);
		const duplicate = values.find((value, index) => values.indexOf(value) !== index);
		if (duplicate !== undefined) return `Duplicate Resource Record: '${duplicate}'`;
		if (values.length > limits.valuesPerSet) {
			return `Cannot have more than ${limits.valuesPerSet} records in a RRSet.`;
		}
		if ((set.Type === "CNAME" || set.Type === "SOA") && values.length > 1) {
			return `RRSet of type ${set.Type} with DNS name ${name} contains more than one resource record`;
		}
		return { ...set, Name: name };
	} catch (error) {
		if (error instanceof SyntaxProblem) return `Invalid Resource Record: '${error.message}'`;
		throw error;
	}
}

function describe(set: ResourceRecordSet): string {
	const identifier = set.SetIdentifier === undefined ? "" : `, set identifier='${set.SetIdentifier}'`;
	return `[name='${set.Name}', type='${set.Type}'${identifier}]`;
}

function deleteProblem(set: ResourceRecordSet, existing: ResourceRecordSet | undefined): string | undefined {
	if (!existing) return `Tried to delete resource record set ${describe(set)} but it was not found`;
	if (content(existing) !== content(set)) {
		return `Tried to delete resource record set ${describe(set)} but the values provided do not match the current values`;
	}
	return undefined;
}

/** What a DELETE has to repeat, as one text; the order of the values does not count. */
function content(set: ResourceRecordSet): string {
	const alias = set.AliasTarget && {
		zone: set.AliasTarget.HostedZoneId,
		name: canonicalName(set.AliasTarget.DNSName),
		health: set.AliasTarget.EvaluateTargetHealth,
	};
	return JSON.stringify([
		set.TTL,
		set.ResourceRecords?.map(({ Value }) => Value).sort(),
		alias,
		policies.map((policy) => set[policy]),
		set.HealthCheckId,
	]);
}

function writeProblem(
	zone: ZoneIdentity,
	set: ResourceRecordSet,
	action: "CREATE" | "UPSERT",
	key: string,
	neighbours: ReadonlyMap<string, ResourceRecordSet>,
): string | undefined {
	const { Name, Type } = set;
	if (!isWithin(Name, zone.name)) return `RRSet with DNS name ${Name} is not permitted in zone ${zone.name}`;
	if (action === "CREATE" && neighbours.has(key)) {
		return `Tried to create resource record set ${describe(set)} but it already exists`;
	}
	if (Type === "CNAME" && Name === zone.name) {
		return `RRSet of type CNAME with DNS name ${Name} is not permitted at apex in zone ${zone.name}`;
	}
	if (Type === "SOA" && Name !== zone.name) {
		return `RRSet of type SOA with DNS name ${Name} is only permitted at apex in zone ${zone.name}`;
	}
	for (const [otherKey, other] of neighbours) {
		if (otherKey === key) continue;
		if (Type === "CNAME" && other.Type !== "CNAME") {
			return `RRSet of type CNAME with DNS name ${Name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`;
		}
		if (Type !== "CNAME" && other.Type === "CNAME") {
			return `RRSet of type ${Type} with DNS name ${Name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`;
		}
		if (Type !== other.Type || policyOf(set) === policyOf(other)) continue;
		return set.SetIdentifier === undefined
			? `RRSet with DNS name ${Name}, type ${Type} cannot be created as other RRSets exist with the same name and type.`
			: `RRSet with DNS name ${Name}, type ${Type}, SetIdentifier ${set.SetIdentifier} cannot be created because a non-${policyOf(set)} RRSet exists with the same name and type.`;
	}
	return undefined;
}

/** The routing policy of a set, in words; `simple` for one without a SetIdentifier. */
export function policyOf(set: ResourceRecordSet): string {
	const policy = policies.find((name) => set[name] !== undefined);
	return policy === undefined ? "simple" : policyNames[policy];
}

function apexProblems(zone: ZoneIdentity, records: RecordSets): string[] {
	const problems: string[] = [];
	if (!records.has(recordSetKey(zone.name, "NS"))) {
		problems.push("A HostedZone must contain at least one NS record for the zone itself.");
	}
	if (!records.has(recordSetKey(zone.name, "SOA"))) {
		problems.push("A HostedZone must contain exactly one SOA record.");
	}
	return problems;
}

/** An alias to a name of its own zone must lead to a record set that is there. */
function aliasProblems(
	zone: ZoneIdentity,
	records: RecordSets,
	touched: Iterable<[string, unknown]>,
): string[] {
	const problems: string[] = [];
	for (const [key] of touched) {
		const set = records.get(key);
		if (set?.AliasTarget === undefined || set.AliasTarget.HostedZoneId !== zone.id) continue;
		const target = canonicalName(set.AliasTarget.DNSName);
		const within = isWithin(target, zone.name);
		const prefix = recordSetKey(target, set.Type);
		if (within && [...records.keys()].some((other) => other.startsWith(prefix) && other !== key)) continue;
		const reason = within
			? "but that target was not found"
			: "but the alias target name does not lie within the target zone";
		problems.push(
			`Tried to create an alias that targets ${target}, type ${set.Type} in zone ${zone.id}, ${reason}`,
		);
	}
	return problems;
}
