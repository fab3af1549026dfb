import {
	type Change,
	ChangeResourceRecordSetsCommand,
	CreateHostedZoneCommand,
	ListResourceRecordSetsCommand,
	type ResourceRecordSet,
	Route53Client,
} from "@aws-sdk/client-route-53";
import { defaultAccount } from "../../sandbox/index.js";

const client = (endpoint: string) =>
	new Route53Client({ endpoint, region: "us-east-1", credentials: defaultAccount, maxAttempts: 1 });

/** A zone of whatever Route 53, worked on by hand. */
export class Zone {
	static async create(name: string, url: string): Promise<Zone> {
		const route53 = client(url);
		const command = new CreateHostedZoneCommand({ Name: name, CallerReference: `${name} ${Math.random()}` });
		const { HostedZone } = await route53.send(command);
		return new Zone(url, route53, (HostedZone?.Id ?? "").replace("/hostedzone/", ""), name);
	}

	private constructor(
		readonly url: string,
		readonly route53: Route53Client,
		readonly id: string,
		readonly name: string,
	) {}

	async change(...changes: Change[]): Promise<void> {
		await this.route53.send(
			new ChangeResourceRecordSetsCommand({ HostedZoneId: this.id, ChangeBatch: { Changes: changes } }),
		);
	}

	create = (...sets: ResourceRecordSet[]) => this.#changeAll("CREATE", sets);
	put = (...sets: ResourceRecordSet[]) => this.#changeAll("UPSERT", sets);
	delete = (...sets: ResourceRecordSet[]) => this.#changeAll("DELETE", sets);

	#changeAll(Action: "CREATE" | "UPSERT" | "DELETE", sets: ResourceRecordSet[]): Promise<void> {
		return this.change(...sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet })));
	}

	async records(): Promise<ResourceRecordSet[]> {
		const answer = await this.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: this.id }));
		return answer.ResourceRecordSets ?? [];
	}

	/** Each set as one text, in the order of the list. */
	async text(): Promise<string[]> {
		return (await this.records()).map((set) => JSON.stringify(set));
	}

	async values(name: string, type: string): Promise<(string | undefined)[]> {
		const set = (await this.records()).find((each) => each.Name === `${name}.` && each.Type === type);
		return (set?.ResourceRecords ?? []).map(({ Value }) => Value);
	}
}

export const set = (
	Name: string,
	Type: ResourceRecordSet["Type"],
	...values: string[]
): ResourceRecordSet => ({
	Name,
	Type,
	TTL: 60,
	ResourceRecords: values.map((Value) => ({ Value })),
});
