/**
 * The records of a setup as resources of the AWS provider.
 *
 * @module pulumi-channels/aws
 */
import * as route53 from "@pulumi/aws/route53";
import * as pulumi from "@pulumi/pulumi";
import { formatTxt, sameName, shown } from "../dns/index.js";
import { askedProblem } from "./arguments/asked-records.js";
import { defaults } from "./arguments/description.js";
import type { RecordKind } from "./arguments/inputs.js";
import { desiredSets, domainOfRecords } from "./arguments/record-kinds.js";
import { withCode } from "./core/error-codes.js";
import { underMocks } from "./mocks.js";
import type { DnsRecord } from "./shapes.js";

/** Which records to publish, and where. */
export interface AwsRecordsArgs {
	/** The records to publish: `SesSetup.dnsRecords`. */
	dnsRecords: pulumi.Input<pulumi.Input<DnsRecord>[]>;
	/** Id of the hosted zone. */
	zoneId: pulumi.Input<string>;
	/**
	 * `SesSetup.domainIdentity`, the mail domain that the records are of. A record that is not at or below it is refused.
	 * Default: what the names of the records have in common.
	 */
	domain?: pulumi.Input<string>;
	/** Which records to publish, as of `Route53Args.records`. Default: all but `"other"`. */
	records?: readonly RecordKind[];
	/** Time to live in seconds. Default 300. */
	ttl?: pulumi.Input<number>;
	/**
	 * Replace a record set that stands at one of the names already. The AWS provider does not remember what
	 * it replaced, and destroy does not put it back. Default `false`: that is an error.
	 */
	allowOverwrite?: pulumi.Input<boolean>;
}

/**
 * The records of one setup as `aws.route53.Record` resources, for programs that want the AWS provider to own their DNS. Each
 * record set is a child: `${name}-dkim-1` and so on, in the order of their addresses, `${name}-mx` and `${name}-dmarc`;
 * further ones are named by kind and number, such as `${name}-mailFrom-1`.
 *
 * While the records are not known, as in the first preview, three of DKIM, one MX and one DMARC are shown, and fewer or
 * more may come of it. Other resources wait for all with `dependsOn`. The program fails with a `ResourceError` where the API
 * asks for what is not published on its word.
 */
export class AwsRecords extends pulumi.ComponentResource<Children> {
	/** Every record set, by what follows `${name}-` in its name. */
	readonly children: pulumi.Output<Children> = pulumi.output(this.getData());
	/** Those of DKIM, in the order of their addresses. */
	readonly dkim: pulumi.Output<route53.Record[]> = this.children.apply((children) =>
		Object.entries(children).flatMap(([role, child]) => (role.startsWith("dkim-") ? [child] : [])),
	);
	/** Where mail to the domain goes; undefined where the API asks for none. */
	readonly mx: pulumi.Output<route53.Record | undefined> = this.children.apply(({ mx }) => mx);
	/** The domain's policy for mail that fails its checks; undefined where the API asks for none. */
	readonly dmarc: pulumi.Output<route53.Record | undefined> = this.children.apply(({ dmarc }) => dmarc);

	constructor(name: string, args: AwsRecordsArgs, options?: pulumi.ComponentResourceOptions) {
		super("channels:aws:AwsRecords", name, { ...args, name }, options);
	}

	/** Called before the constructor goes on. What depends on the component waits for the children that it makes. */
	protected override async initialize({
		name,
		...args
	}: AwsRecordsArgs & { name: string }): Promise<Children> {
		const { zoneId, ttl = 300, allowOverwrite, records: kinds = defaults.records } = args;
		const asked = pulumi.all([pulumi.output(args.dnsRecords), args.domain]);
		const known = await knownValueOf(asked);
		const sets = known === undefined ? unknownSets : rolesOf(known[0], known[1], kinds, this);
		return Object.fromEntries(
			Object.entries(sets).map(([role, { type, address, values }]) => [
				role,
				new route53.Record(
					`${name}-${role}`,
					{
						zoneId,
						name: known === undefined ? asked.apply(() => address) : address,
						type,
						ttl,
						records: known === undefined ? asked.apply(() => values) : values,
						...(allowOverwrite !== undefined && { allowOverwrite }),
					},
					{ parent: this },
				),
			]),
		);
	}
}

/** Records by role: what follows the component's name in theirs. */
type Children = Readonly<Record<string, route53.Record>>;

/** The value of an output; undefined where it is not known yet, as in a preview. */
async function knownValueOf<T>(output: pulumi.Output<T>): Promise<T | undefined> {
	// Of every output since 1.0, though its type does not say so.
	const { isKnown } = output as unknown as { isKnown: Promise<boolean> };
	if (!(await isKnown)) return undefined;
	return new Promise((resolve) => output.apply((value) => resolve(value as T)));
}

interface RoleSet {
	readonly type: DnsRecord["type"];
	readonly address: string;
	readonly values: string[];
}

const blank = (type: DnsRecord["type"]): RoleSet => ({ type, address: "", values: [""] });

/** What an API asks for as a rule. */
const unknownSets: Readonly<Record<string, RoleSet>> = {
	"dkim-1": blank("CNAME"),
	"dkim-2": blank("CNAME"),
	"dkim-3": blank("CNAME"),
	mx: blank("MX"),
	dmarc: blank("TXT"),
};

/** @param records undefined where the mocks of a unit test give no outputs. */
function rolesOf(
	records: readonly DnsRecord[] | undefined,
	domain: string | undefined,
	kinds: readonly RecordKind[],
	resource: pulumi.Resource,
): Readonly<Record<string, RoleSet>> {
	if (records === undefined && underMocks()) return unknownSets;
	const all = records ?? [];
	const mail = domain ?? domainOfRecords(all);
	const problem = askedProblem(all, mail, kinds);
	if (problem) throw new pulumi.ResourceError(withCode(shown(problem.message), problem.code), resource, true);
	const counts = new Map<RecordKind, number>();
	// By address, so that another order of the list never makes two children swap names.
	return Object.fromEntries(
		desiredSets(all, mail, { records: kinds, ttl: 0 }).map(({ kind, name, type }) => {
			const own = all.filter((each) => each.type === type && sameName(each.address, name));
			const count = (counts.get(kind) ?? 0) + 1;
			counts.set(kind, count);
			const isAlone = kind === "mx" || kind === "dmarc";
			return [
				isAlone ? kind : `${kind}-${count}`,
				{ type: type as DnsRecord["type"], address: own[0]?.address ?? name, values: own.map(recordValue) },
			];
		}),
	);
}

/**
 * The AWS provider puts one pair of quotes around a TXT value and does nothing else to it (`record.go` of
 * terraform-provider-aws): strings of more than 255 bytes have to come split and escaped.
 */
function recordValue({ type, record }: DnsRecord): string {
	return type === "TXT" ? formatTxt(record).slice(1, -1) : record;
}
