import * as pulumi from "@pulumi/pulumi";
import { canonicalName } from "../dns/index.js";
import type { Route53Args, SesSetupArgs, VerificationArgs, WaitArgs } from "./args.js";
import {
	publishedZone,
	recordsInputs,
	setupInputs,
	verificationInputs,
	zoneBefore,
} from "./arguments/children.js";
import { groups, namesOf, sesSetup } from "./arguments/description.js";
import { ChannelsResource } from "./channels-resource.js";
import { withCode } from "./core/error-codes.js";
import { ignoredChanges } from "./ignored-changes.js";
import { Route53Records } from "./route53-records.js";
import type { DnsRecord, ZoneSnapshot } from "./shapes.js";
import { childName } from "./tokens.js";
import { Verification } from "./verification.js";
import { beginsMaking, onceMade } from "./wait-start.js";

/**
 * An e-mail domain registered with the Channels API: a tenant, a domain identity and the DNS records they
 * need. With `route53` it also publishes the records (child `${name}-records`), with `waitForVerification`
 * it waits until they are accepted (child `${name}-verification`).
 *
 * It is no component: `dependsOn` on it waits for the registration alone. What needs the records published
 * depends on `records`; what needs the domain verified, on `verification`, or takes `verifiedDomain` as an input.
 *
 * Its id is the setup's UUID.
 */
export class SesSetup<Args extends SesSetupArgs = SesSetupArgs> extends ChannelsResource {
	/** Name of the e-mail tenant. */
	declare readonly tenantName: pulumi.Output<string>;
	/** The domain, in lower case, without a trailing dot, in punycode. */
	declare readonly domainIdentity: pulumi.Output<string>;
	/** UUID of the workspace that the setup is in. */
	declare readonly workspaceId: pulumi.Output<string>;
	/** The records to publish. They carry no `verified` flags: `verification.dnsRecords` does. */
	declare readonly dnsRecords: pulumi.Output<DnsRecord[]>;
	/** When it was registered, ISO 8601. */
	declare readonly createdAt: pulumi.Output<string>;
	/** The hosted zone chosen for `route53`, and what stood in it before. */
	declare readonly zone: pulumi.Output<ZoneSnapshot | undefined>;

	/** The published records; undefined without `route53`, in the type too. */
	readonly records: Made<Given<Args, "route53">, Route53Records>;
	/** The wait; undefined without `waitForVerification`, in the type too. */
	readonly verification: Made<Given<Args, "waitForVerification">, Verification>;
	/**
	 * The domain; in an `up` it resolves only once it is verified. Undefined without `waitForVerification`, in the
	 * type too.
	 */
	readonly verifiedDomain: Made<Given<Args, "waitForVerification">, pulumi.Output<string>>;

	/**
	 * @throws when `route53` or `waitForVerification` is an output, or the option `import` is given.
	 */
	constructor(name: string, args: Args & Known<Args>, options: pulumi.CustomResourceOptions = {}) {
		const route53 = plain<Route53Args>(name, "route53", args.route53);
		const wait = plain<WaitArgs>(name, "waitForVerification", args.waitForVerification);
		const { tenantName, domainIdentity, adoptExisting } = args;
		const ignored = options.ignoreChanges && ignoredChanges(options.ignoreChanges);
		const unexpected = Object.fromEntries([
			...Object.entries(args).filter(([key]) => !namesOf(sesSetup).includes(key)),
			...Object.entries(wait ?? {})
				.filter(([key]) => !namesOf(groups.Wait).includes(key))
				.map(([key, value]) => [`waitForVerification.${key}`, value]),
		]);
		super(
			"SesSetup",
			name,
			setupInputs({ ...unexpected, tenantName, domainIdentity, adoptExisting }, route53, wait),
			["tenantName", "domainIdentity", "workspaceId", "dnsRecords", "createdAt", "zone"],
			{ ...options, ...(ignored && { ignoreChanges: ignored.setup }) },
		);
		beginsMaking(this);
		let records: Route53Records | undefined;
		let verification: Verification | undefined;
		const child = (ignoreChanges: string[] | undefined): pulumi.CustomResourceOptions => ({
			parent: this,
			...(ignoreChanges && { ignoreChanges }),
		});
		const of = { setupId: this.id, dnsRecords: this.dnsRecords };
		if (route53 && options.id === undefined) {
			records = new Route53Records(
				childName.records(name),
				recordsInputs(route53, wait, {
					...of,
					domain: this.domainIdentity,
					zone: this.zone.apply(zoneBefore),
				}),
				child(ignored?.records),
			);
			beginsMaking(records);
		}
		if (wait && options.id === undefined) {
			const waiting: VerificationArgs &
				Pick<Verification, "verifiedDomain"> & { published?: Route53Args["records"] } = {
				...verificationInputs(wait, route53, {
					...of,
					setupId: onceMade(this.id),
					zone: this.zone.apply(publishedZone),
				}),
				// Known in a preview in which the records are not.
				verifiedDomain: this.domainIdentity.apply(canonicalName),
			};
			verification = new Verification(childName.verification(name), waiting, {
				...child(ignored?.verification),
				...(records && { dependsOn: [records] }),
			});
		}
		this.records = records as typeof this.records;
		this.verification = verification as typeof this.verification;
		this.verifiedDomain = verification?.verifiedDomain as typeof this.verifiedDomain;
	}

	/**
	 * Reads the setup with this id, which is managed elsewhere. Nothing is published, waited for or deleted.
	 *
	 * @param id UUID of the setup in the workspace of the configuration.
	 * @param options `domainIdentity`: its domain, by which the embedded API finds it at once. Without it every tenant of
	 * Amazon SES is asked, one a second. Another API needs the id alone.
	 */
	static get(
		name: string,
		id: pulumi.Input<pulumi.ID>,
		options: pulumi.CustomResourceOptions & { domainIdentity?: pulumi.Input<string> } = {},
	): SesSetup<Pick<SesSetupArgs, "tenantName" | "domainIdentity">> {
		const { domainIdentity, ...others } = options;
		const known = (domainIdentity === undefined ? {} : { domainIdentity }) as SesSetupArgs;
		return new SesSetup(name, known, { ...others, id }) as SesSetup<never>;
	}
}

/** What was given for an argument; unknown where it was left out. */
type Given<Args, Name extends string> = Args extends { [Key in Name]?: infer Value } ? Value : undefined;

/** What a switch makes: for certain, never, or as its value turns out. */
type Made<Switch, Child> = unknown extends Switch
	? undefined
	: Switch extends true | object
		? Child
		: undefined;

/** Refuses what is no argument, as a type that is inferred would not. */
type Known<Args> = Only<Args, SesSetupArgs> & {
	route53?: boolean | Only<Extract<Given<Args, "route53">, object>, Route53Args>;
	waitForVerification?: boolean | Only<Extract<Given<Args, "waitForVerification">, object>, WaitArgs>;
};
type Only<Has, May> = [Exclude<keyof Has, keyof May>] extends [never]
	? unknown
	: { [Key in Exclude<keyof Has, keyof May>]: never };

/** `true` → all defaults, `false` → undefined. */
function plain<T extends object>(name: string, argument: string, value: unknown): T | undefined {
	if (value === undefined || value === null || value === false) return undefined;
	if (value === true) return {} as T;
	if (typeof value === "object" && !pulumi.Output.isInstance(value) && !(value instanceof Promise)) {
		return value as T;
	}
	throw new pulumi.RunError(
		withCode(
			`SesSetup "${name}": ${argument} must be true, false or an object, because it decides which resources ` +
				"exist. Its fields may be outputs; it may not be one itself.",
			"argument-invalid",
		),
	);
}
