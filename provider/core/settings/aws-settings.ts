import { proxyProblem } from "../../../sdk/proxies.js";
import { awsForms, formProblem } from "../../arguments/aws-forms.js";
import {
	type AssumeRole,
	type Complain,
	isObject,
	readRole,
	readWebIdentity,
	type WebIdentityRole,
} from "./assumed-role.js";
import { type AwsSettingName, meantSetting, nearest } from "./aws-names.js";

/**
 * The stack's `aws:*` configuration, keys without the prefix, as far as it says who asks Route 53, where, and by
 * which way.
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
	endpoints?: { route53?: string; sts?: string };
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
	const text = (key: AwsSettingName) => config(`aws:${key}`)?.trim() || undefined;
	const structured = (key: AwsSettingName): unknown[] => {
		const json = text(key);
		if (json === undefined) return [];
		try {
			// Structured configuration reaches a provider as JSON text; the AWS provider takes one or a list.
			return [JSON.parse(json)].flat();
		} catch {
			complain(`aws:${key}`, "is not the object or list that the AWS provider takes.");
			return [];
		}
	};
	const roles = (key: AwsSettingName) =>
		structured(key).map((role) => readRole("aws:assumeRoles", role, complain));
	const one = <Value extends string>(key: AwsSettingName, values: readonly Value[]): Value | undefined => {
		const value = text(key);
		const found = values.find((each) => each === value);
		if (value !== undefined && !found) complain(`aws:${key}`, `must be ${values.join(" or ")}.`);
		return found;
	};
	const flag = (key: AwsSettingName): boolean | undefined => {
		const value = one(key, ["true", "false"]);
		return value && value === "true";
	};
	/** One path: the AWS SDK reads one file of each kind. */
	const file = (key: AwsSettingName): string | undefined => {
		const [path, ...more] = structured(key);
		if (path === undefined) return undefined;
		if (typeof path === "string" && more.length === 0) return path;
		complain(`aws:${key}`, "must be a list of one path here: put all that is needed into one file.");
		return undefined;
	};
	const region = (key: "region" | "stsRegion") => {
		const value = text(key);
		const problem = value && formProblem(awsForms.region, value);
		if (problem) complain(`aws:${key}`, `${problem}.`);
		return value;
	};
	const proxy = (key: "httpProxy" | "httpsProxy") => {
		const value = text(key);
		const problem = value && proxyProblem(value);
		if (problem) complain(`aws:${key}`, `${problem}.`);
		return value;
	};
	const accounts = (key: "allowedAccountIds" | "forbiddenAccountIds") => {
		// A number, where the configuration was written without quotes; it has lost its zeros then.
		const ids = structured(key).map((id) => String(id).padStart(12, "0"));
		if (ids.some((id) => !/^\d{12}$/.test(id))) {
			complain(`aws:${key}`, 'must be a list of account ids such as "123456789012".');
		}
		return ids.length > 0 ? ids : undefined;
	};
	const refuse = (key: AwsSettingName, reason: string) => {
		if (text(key) !== undefined) complain(`aws:${key}`, reason);
	};

	for (const key of new Set(keys)) {
		const meant = key.startsWith("aws:") ? meantSetting(key.slice("aws:".length)) : undefined;
		if (meant) complain(key, `is no setting of the AWS provider; did you mean aws:${meant}?`);
	}
	if (flag("insecure")) {
		complain(
			"aws:insecure",
			"would let anybody answer in the place of AWS, and is not supported. Name the authority to trust with " +
				"aws:customCaBundle (AWS_CA_BUNDLE) instead.",
		);
	}
	refuse(
		"ec2MetadataServiceEndpoint",
		"is not supported here. Set AWS_EC2_METADATA_SERVICE_ENDPOINT in the environment instead, which the AWS " +
			"provider reads too.",
	);
	refuse(
		"ec2MetadataServiceEndpointMode",
		"is not supported here. Set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE in the environment instead, which the AWS " +
			"provider reads too.",
	);

	const [accessKey, secretKey] = [text("accessKey"), text("secretKey")];
	if ((accessKey === undefined) !== (secretKey === undefined)) {
		complain(
			accessKey ? "aws:secretKey" : "aws:accessKey",
			"is not set, and the two keys go together. Set both, or neither and use a profile.",
		);
	}
	if (text("token") !== undefined && accessKey === undefined && secretKey === undefined) {
		complain(
			"aws:token",
			"goes with aws:accessKey and aws:secretKey, which are not set. Set all three, or none.",
		);
	}
	const maxRetries = text("maxRetries");
	if (maxRetries !== undefined && !/^\d+$/.test(maxRetries)) {
		complain("aws:maxRetries", "must be a whole number.");
	}
	const [webIdentity] = structured("assumeRoleWithWebIdentity").map((role) =>
		readWebIdentity("aws:assumeRoleWithWebIdentity", role, complain),
	);
	const assumeRoles = [...roles("assumeRole"), ...roles("assumeRoles")];
	return dropUndefined({
		region: region("region"),
		profile: text("profile"),
		accessKey,
		secretKey,
		token: text("token"),
		webIdentity,
		assumeRoles: assumeRoles.length > 0 ? assumeRoles : undefined,
		allowedAccountIds: accounts("allowedAccountIds"),
		forbiddenAccountIds: accounts("forbiddenAccountIds"),
		endpoints: endpoints(structured("endpoints"), complain),
		stsRegion: region("stsRegion"),
		useFipsEndpoint: flag("useFipsEndpoint"),
		useDualstackEndpoint: flag("useDualstackEndpoint"),
		sharedConfigFile: file("sharedConfigFiles"),
		sharedCredentialsFile: file("sharedCredentialsFiles"),
		customCaBundle: text("customCaBundle"),
		httpProxy: proxy("httpProxy"),
		httpsProxy: proxy("httpsProxy"),
		noProxy: text("noProxy"),
		// Its name notwithstanding, the AWS provider counts the first attempt, and takes 0 for no wish.
		maxAttempts: Number(maxRetries) || undefined,
		retryMode: one("retryMode", ["standard", "adaptive"]),
	});
}

function endpoints(given: unknown[], complain: Complain): AwsSettings["endpoints"] {
	const all = Object.assign({}, ...given.filter(isObject)) as { [service: string]: unknown };
	const services = ["route53", "sts"] as const;
	for (const name of Object.keys(all)) {
		// Not "sts": other services are a letter away from it, such as ses.
		const meant = nearest(name, ["route53"]);
		if (meant) complain(`aws:endpoints.${name}`, `is no service of AWS; did you mean ${meant}?`);
	}
	const found = services.flatMap((service) => {
		const url = all[service];
		if (url === undefined || url === "") return [];
		if (typeof url === "string" && /^https?:\/\//.test(url) && URL.canParse(url))
			return [[service, url] as const];
		complain(`aws:endpoints.${service}`, 'must be a URL such as "https://route53.amazonaws.com".');
		return [];
	});
	return found.length > 0 ? Object.fromEntries(found) : undefined;
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}
