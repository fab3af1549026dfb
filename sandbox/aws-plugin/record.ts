import { GetHostedZoneCommand, type ResourceRecordSet, type RRType } from "@aws-sdk/client-route-53";
import { canonicalName, isWithin } from "pulumi-channels/dns";
import { change, findRecordSet } from "./changes.js";
import { type Context, type Properties, type Resource, text } from "./resource.js";

/** `aws.route53.Record`, without aliases and routing policies. */
export const record: Resource = {
	inputs: ["zoneId", "name", "type", "ttl", "records", "allowOverwrite"],
	replaceOn: ["zoneId", "name", "type"],

	async create(inputs, context) {
		const { zoneId, set, outputs } = await desired(inputs, context);
		const action = inputs.allowOverwrite === true ? "UPSERT" : "CREATE";
		await change(zoneId, [{ Action: action, ResourceRecordSet: set }], context);
		return { id: `${zoneId}_${canonicalName(text(inputs, "name"))}_${set.Type}`, outputs };
	},

	async read(id, outputs, context) {
		// A name may have underscores of its own, zone ids and types have none.
		const [, zoneId, name, type] = /^([^_]+)_(.*)_([^_]+)$/.exec(id) ?? [];
		if (zoneId === undefined || name === undefined || type === undefined) {
			throw new Error(`${id} is no id of a record: it has to be ZONEID_NAME_TYPE`);
		}
		const fqdn = await expand(name, zoneId, context);
		const found = await findRecordSet(zoneId, fqdn, type, context).catch(ifGone);
		if (found === undefined) return undefined;
		const inputs = {
			zoneId,
			name: outputs.name ?? name,
			type,
			ttl: found.TTL,
			records: (found.ResourceRecords ?? []).map(({ Value = "" }) => fromWire(type, Value)),
		};
		return { inputs, outputs: { ...outputs, ...inputs, fqdn } };
	},

	async update(_id, inputs, context) {
		const { zoneId, set, outputs } = await desired(inputs, context);
		await change(zoneId, [{ Action: "UPSERT", ResourceRecordSet: set }], context);
		return outputs;
	},

	async delete(_id, outputs, context) {
		const zoneId = text(outputs, "zoneId");
		const found = await findRecordSet(zoneId, text(outputs, "fqdn"), text(outputs, "type"), context).catch(
			ifGone,
		);
		if (found === undefined) return;
		await change(zoneId, [{ Action: "DELETE", ResourceRecordSet: found }], context);
	},
};

async function desired(
	inputs: Properties,
	context: Context,
): Promise<{ zoneId: string; set: ResourceRecordSet; outputs: Properties }> {
	const zoneId = text(inputs, "zoneId");
	const type = text(inputs, "type");
	const { ttl, records } = inputs;
	if (typeof ttl !== "number") throw new Error("ttl has to be a number of seconds");
	if (!Array.isArray(records)) throw new Error("records has to be a list of strings");
	const fqdn = await expand(text(inputs, "name"), zoneId, context);
	const set = {
		Name: fqdn,
		Type: type as RRType,
		TTL: ttl,
		ResourceRecords: records.map((value) => ({ Value: toWire(type, String(value)) })),
	};
	return { zoneId, set, outputs: { ...inputs, fqdn } };
}

/** A name without the zone's is meant below the zone. */
async function expand(name: string, zoneId: string, { route53, signal }: Context): Promise<string> {
	const { HostedZone } = await route53.send(new GetHostedZoneCommand({ Id: zoneId }), {
		abortSignal: signal,
	});
	const zone = canonicalName(HostedZone?.Name ?? "");
	if (name === "" || name === "@") return zone;
	return isWithin(name, zone) ? canonicalName(name) : `${canonicalName(name)}.${zone}`;
}

// The plugin takes TXT values without the outer quotes; a value of several strings has `""` inside.
function toWire(type: string, value: string): string {
	return type === "TXT" || type === "SPF" ? `"${value}"` : value;
}

function fromWire(type: string, value: string): string {
	return type === "TXT" || type === "SPF" ? value.replace(/^"|"$/g, "") : value;
}

function ifGone(error: unknown): undefined {
	if (error instanceof Error && error.name === "NoSuchHostedZone") return undefined;
	throw error;
}
