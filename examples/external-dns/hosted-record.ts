import * as pulumi from "@pulumi/pulumi";

export interface HostedRecordArgs {
	/** Address of the DNS host's API. */
	api: pulumi.Input<string>;
	address: pulumi.Input<string>;
	type: pulumi.Input<string>;
	value: pulumi.Input<string>;
}

type Inputs = pulumi.Unwrap<HostedRecordArgs>;

const locate = ({ api, address, type }: Inputs) => `${api}/records/${address}/${type}`;

async function send(method: "PUT" | "DELETE", record: Inputs): Promise<void> {
	const answer = await fetch(locate(record), {
		method,
		signal: AbortSignal.timeout(30_000),
		...(method === "PUT" ? { body: record.value } : {}),
	});
	const done = answer.ok || (method === "DELETE" && answer.status === 404);
	if (!done) throw new Error(`${method} ${locate(record)}: ${answer.status} ${await answer.text()}`);
}

const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
	async create(record) {
		await send("PUT", record);
		return { id: `${record.type}/${record.address}`, outs: record };
	},
	async diff(_id, olds, news) {
		const replaces = (["api", "address", "type"] as const).filter((key) => olds[key] !== news[key]);
		return { changes: replaces.length > 0 || olds.value !== news.value, replaces };
	},
	async update(_id, _olds, record) {
		await send("PUT", record);
		return { outs: record };
	},
	async delete(_id, record) {
		await send("DELETE", record);
	},
};

/**
 * A DNS record at a host with an HTTP API of its own. It stands for your DNS host's resource: with a Pulumi
 * provider for that host, use its record resource and delete this file.
 */
export class HostedRecord extends pulumi.dynamic.Resource {
	constructor(name: string, args: HostedRecordArgs, options?: pulumi.CustomResourceOptions) {
		super(provider, name, args, options);
	}
}
