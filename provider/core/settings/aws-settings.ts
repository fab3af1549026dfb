import {
	type AssumeRole,
	type Complain,
	isObject,
	readRole,
	readWebIdentity,
	type WebIdentityRole,
} from "./assumed-role.js";
import { AwsConfig } from "./aws-config.js";
import { meantSetting, nearest } from "./aws-names.js";

/**
 * The stack's `aws:*` configuration, keys without the prefix, as far as it says who asks Route 53 and Amazon SES,
 * where, and by which way.
 */
export interface AwsSettings {
	region?: string;
	profile?: string;
	accessKey?: string;
	secretKey?: string;
	token?: string;
	/** Assumed before the others. */
	webIdentity?: WebIdentityRole;
	/** In the order in which they are assumed. */
	assumeRoles?: AssumeRole[];
	/** Account ids of which one must be, or none may be, that of the credentials. */
	allowedAccountIds?: string[];
	forbiddenAccountIds?: string[];
	endpoints?: { [service in Service]?: string };
	stsRegion?: string;
	useFipsEndpoint?: boolean;
	useDualstackEndpoint?: boolean;
	/** Paths of shared configuration files, where the stack names its own. */
	sharedConfigFile?: string;
	sharedCredentialsFile?: string;
	/** Path of certificates (PEM) to trust in place of Node's own. */
	customCaBundle?: string;
	httpProxy?: string;
	httpsProxy?: string;
	noProxy?: string;
	/** How often a call is made in all. */
	maxAttempts?: number;
	retryMode?: "standard" | "adaptive";
}

/**
 * Reads what the AWS provider of Pulumi would read from the same configuration.
 *
 * @param keys of the whole configuration, as far as they are known: slips in names are found among them.
 */
export function readAwsSettings(
	config: (key: string) => string | undefined,
	complain: Complain,
	keys: Iterable<string> = [],
): AwsSettings {
	const read = new AwsConfig(config, complain);
	for (const key of new Set(keys)) {
		const meant = key.startsWith("aws:") ? meantSetting(key.slice("aws:".length)) : undefined;
		if (meant) complain(key, `is no setting of the AWS provider; did you mean aws:${meant}?`);
	}
	complainOfUnsupported(read, complain);
	complainOfKeys(read, complain);
	const [webIdentity] = read
		.structured("assumeRoleWithWebIdentity")
		.map((role) => readWebIdentity("aws:assumeRoleWithWebIdentity", role, complain));
	const assumeRoles = [...read.structured("assumeRole"), ...read.structured("assumeRoles")].map((role) =>
		readRole("aws:assumeRoles", role, complain),
	);
	return dropUndefined({
		region: read.region("region"),
		profile: read.text("profile"),
		accessKey: read.text("accessKey"),
		secretKey: read.text("secretKey"),
		token: read.text("token"),
		webIdentity,
		assumeRoles: assumeRoles.length > 0 ? assumeRoles : undefined,
		allowedAccountIds: read.accounts("allowedAccountIds"),
		forbiddenAccountIds: read.accounts("forbiddenAccountIds"),
		endpoints: endpoints(read.structured("endpoints"), complain),
		stsRegion: read.region("stsRegion"),
		useFipsEndpoint: read.flag("useFipsEndpoint"),
		useDualstackEndpoint: read.flag("useDualstackEndpoint"),
		sharedConfigFile: read.file("sharedConfigFiles"),
		sharedCredentialsFile: read.file("sharedCredentialsFiles"),
		customCaBundle: read.text("customCaBundle"),
		httpProxy: read.proxy("httpProxy"),
		httpsProxy: read.proxy("httpsProxy"),
		noProxy: read.text("noProxy"),
		maxAttempts: read.attempts("maxRetries"),
		retryMode: read.one("retryMode", ["standard", "adaptive"]),
	});
}

function complainOfUnsupported(read: AwsConfig, complain: Complain): void {
	if (read.flag("insecure")) {
		complain(
			"aws:insecure",
			"would let anybody answer in the place of AWS, and is not supported. Name the authority to trust with " +
				"aws:customCaBundle (AWS_CA_BUNDLE) instead.",
		);
	}
	for (const [key, variable] of [
		["ec2MetadataServiceEndpoint", "AWS_EC2_METADATA_SERVICE_ENDPOINT"],
		["ec2MetadataServiceEndpointMode", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
	] as const)
		if (read.text(key) !== undefined)
			complain(
				`aws:${key}`,
				`is not supported here. Set ${variable} in the environment instead, which the AWS provider reads too.`,
			);
}

function complainOfKeys(read: AwsConfig, complain: Complain): void {
	const [accessKey, secretKey] = [read.text("accessKey"), read.text("secretKey")];
	if ((accessKey === undefined) !== (secretKey === undefined)) {
		complain(
			accessKey ? "aws:secretKey" : "aws:accessKey",
			"is not set, and the two keys go together. Set both, or neither and use a profile.",
		);
	}
	if (read.text("token") !== undefined && accessKey === undefined && secretKey === undefined) {
		complain(
			"aws:token",
			"goes with aws:accessKey and aws:secretKey, which are not set. Set all three, or none.",
		);
	}
}

/** Those asked here, by the names that the AWS provider has for them (`ProviderEndpoint` of @pulumi/aws 7). */
const services = {
	route53: "https://route53.amazonaws.com",
	sesv2: "https://email.us-east-1.amazonaws.com",
	sts: "https://sts.us-east-1.amazonaws.com",
};
type Service = keyof typeof services;

function endpoints(given: unknown[], complain: Complain): AwsSettings["endpoints"] {
	const all = Object.assign({}, ...given.filter(isObject)) as { [service: string]: unknown };
	for (const name of Object.keys(all)) {
		// Not "sts": other services are a letter away from it, such as ses.
		const meant = nearest(name, ["route53", "sesv2"]);
		if (meant) complain(`aws:endpoints.${name}`, `is no service of AWS; did you mean ${meant}?`);
	}
	const found = (Object.keys(services) as Service[]).flatMap((service) => {
		const url = all[service];
		if (url === undefined || url === "") return [];
		if (typeof url === "string" && /^https?:\/\//.test(url) && URL.canParse(url))
			return [[service, url] as const];
		complain(`aws:endpoints.${service}`, `must be a URL such as "${services[service]}".`);
		return [];
	});
	return found.length > 0 ? Object.fromEntries(found) : undefined;
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}
