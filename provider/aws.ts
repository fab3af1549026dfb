/**
 * The records of a setup as resources of the AWS provider.
 *
 * @module pulumi-channels/aws
 */
import * as route53 from "@pulumi/aws/route53";
import * as pulumi from "@pulumi/pulumi";
import { formatTxt } from "../dns/index.js";
import { withCode } from "./core/error-codes.js";
import { underMocks } from "./mocks.js";
import type { DnsRecord } from "./shapes.js";

/** Which records to publish, and where. */
export interface AwsRecordsArgs {
	/** The records to publish: `SesSetup.dnsRecords`. */
	dnsRecords: pulumi.Input<pulumi.Input<DnsRecord>[]>;
	/** Id of the hosted zone. */
	zoneId: pulumi.Input<string>;
	/** Time to live in seconds. Default 300. */
	ttl?: pulumi.Input<number>;
	/**
	 * Replace a record set that stands at one of the names already. The AWS provider does not remember what
	 * it replaced, and destroy does not put it back. Default `false`: that is an error.
	 */
	allowOverwrite?: pulumi.Input<boolean>;
}

/**
 * The records of one setup as five `aws.route53.Record` resources, for programs that want the AWS provider
 * to own their DNS. The children are `${name}-dkim-1` to `-3`, in the order of their addresses, `${name}-mx`
 * and `${name}-dmarc`.
 *
 * Other resources wait for all five with `dependsOn`. The program fails with a `ResourceError` when
 * `dnsRecords` are not three CNAMEs, one MX and one TXT.
 */
export class AwsRecords extends pulumi.ComponentResource {
	/** The three CNAMEs, in the order of their addresses. */
	readonly dkim: readonly [route53.Record, route53.Record, route53.Record];
	/** Where mail to the domain goes. */
	readonly mx: route53.Record;
	/** The domain's policy for mail that fails its checks. */
	readonly dmarc: route53.Record;

	constructor(name: string, args: AwsRecordsArgs, options?: pulumi.ComponentResourceOptions) {
		super("channels:aws:AwsRecords", name, {}, options);
		const { zoneId, ttl = 300, allowOverwrite } = args;
		const byRole = pulumi.output(args.dnsRecords).apply((records) => assignRoles(records, this));
		// All five exist before any value is known: a preview shows them, and their names never depend on one.
		const publish = (role: Role, type: DnsRecord["type"]) =>
			new route53.Record(
				`${name}-${role}`,
				{
					zoneId,
					name: byRole.apply((records) => records[role].address),
					type,
					ttl,
					records: [byRole.apply((records) => recordValue(records[role]))],
					...(allowOverwrite !== undefined && { allowOverwrite }),
				},
				{ parent: this },
			);
		this.dkim = [publish("dkim-1", "CNAME"), publish("dkim-2", "CNAME"), publish("dkim-3", "CNAME")];
		this.mx = publish("mx", "MX");
		this.dmarc = publish("dmarc", "TXT");
		this.registerOutputs({});
	}
}

type Role = "dkim-1" | "dkim-2" | "dkim-3" | "mx" | "dmarc";

const blank = (type: DnsRecord["type"]): DnsRecord => ({ address: "", type, record: "" });
const unpublished: Record<Role, DnsRecord> = {
	"dkim-1": blank("CNAME"),
	"dkim-2": blank("CNAME"),
	"dkim-3": blank("CNAME"),
	mx: blank("MX"),
	dmarc: blank("TXT"),
};

/** @param records undefined where the mocks of a unit test give no outputs. */
function assignRoles(records: DnsRecord[] | undefined, resource: pulumi.Resource): Record<Role, DnsRecord> {
	if (records === undefined && underMocks()) return unpublished;
	const all = records ?? [];
	const ofType = (type: DnsRecord["type"]) => all.filter((record) => record.type === type);
	// By address, so that another order of the list never makes two children swap names.
	const dkim = ofType("CNAME").sort((a, b) => (a.address < b.address ? -1 : 1));
	const [dkim1, dkim2, dkim3] = dkim;
	const [mx] = ofType("MX");
	const [dmarc] = ofType("TXT");
	if (all.length !== 5 || !dkim1 || !dkim2 || !dkim3 || !mx || !dmarc) {
		const shape = all.map(({ type, address }) => `${type} ${address}`).join(", ") || "none";
		throw new pulumi.ResourceError(
			withCode(
				`AwsRecords publishes three CNAME records (DKIM), one MX and one TXT (DMARC); dnsRecords has ${shape}. ` +
					"Give it SesSetup.dnsRecords as they are, or publish other records with aws.route53.Record.",
				"argument-invalid",
			),
			resource,
			true,
		);
	}
	return { "dkim-1": dkim1, "dkim-2": dkim2, "dkim-3": dkim3, mx, dmarc };
}

/**
 * The AWS provider puts one pair of quotes around a TXT value and does nothing else to it (`record.go` of
 * terraform-provider-aws): strings of more than 255 bytes have to come split and escaped.
 */
function recordValue({ type, record }: DnsRecord): string {
	return type === "TXT" ? formatTxt(record).slice(1, -1) : record;
}
