import { awsForms, formProblem } from "../../arguments/aws-forms.js";

/** The stack's `aws:*` configuration, keys without the prefix, as far as it says who asks Route 53, and where. */
export interface AwsSettings {
	region?: string;
	profile?: string;
	accessKey?: string;
	secretKey?: string;
	token?: string;
	/** In the order in which they are assumed. */
	assumeRoles?: AssumeRole[];
	endpoints?: { route53?: string; sts?: string };
	/** Paths of shared configuration files, where the stack names its own. */
	sharedConfigFile?: string;
	sharedCredentialsFile?: string;
}

export interface AssumeRole {
	roleArn: string;
	externalId?: string;
	sessionName?: string;
}

/** Told of each thing that is wrong, with a reason that follows the setting's name and never quotes a secret. */
type Complain = (setting: string, reason: string) => void;

/** Reads what the AWS provider of Pulumi would read from the same configuration. */
export function readAwsSettings(
	config: (key: string) => string | undefined,
	complain: Complain,
): AwsSettings {
	const text = (key: string) => config(`aws:${key}`)?.trim() || undefined;
	const structured = (key: string): unknown[] => {
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
	const file = (key: string) => structured(key).find((path) => typeof path === "string");

	const region = text("region");
	const regionProblem = region && formProblem(awsForms.region, region);
	if (regionProblem) complain("aws:region", `${regionProblem}.`);
	const [accessKey, secretKey] = [text("accessKey"), text("secretKey")];
	if ((accessKey === undefined) !== (secretKey === undefined)) {
		complain(
			accessKey ? "aws:secretKey" : "aws:accessKey",
			"is not set, and the two keys go together. Set both, or neither and use a profile.",
		);
	}
	const roles = [...structured("assumeRole"), ...structured("assumeRoles")].map((role) =>
		assumedRole(role, complain),
	);
	return dropUndefined({
		region,
		profile: text("profile"),
		accessKey,
		secretKey,
		token: text("token"),
		assumeRoles: roles.length > 0 ? roles : undefined,
		endpoints: endpoints(structured("endpoints"), complain),
		sharedConfigFile: file("sharedConfigFiles"),
		sharedCredentialsFile: file("sharedCredentialsFiles"),
	});
}

function assumedRole(value: unknown, complain: Complain): AssumeRole {
	const { roleArn, externalId, sessionName } = isObject(value) ? value : {};
	const problem =
		typeof roleArn === "string"
			? formProblem(awsForms.roleArn, roleArn)
			: "is missing; give the ARN of a role";
	if (problem) complain("aws:assumeRoles.roleArn", `${problem}.`);
	return {
		roleArn: String(roleArn),
		...(typeof externalId === "string" && { externalId }),
		...(typeof sessionName === "string" && { sessionName }),
	};
}

function endpoints(given: unknown[], complain: Complain): AwsSettings["endpoints"] {
	const all = Object.assign({}, ...given.filter(isObject)) as { [service: string]: unknown };
	const found = (["route53", "sts"] as const).flatMap((service) => {
		const url = all[service];
		if (url === undefined || url === "") return [];
		if (typeof url === "string" && /^https?:\/\//.test(url) && URL.canParse(url))
			return [[service, url] as const];
		complain(`aws:endpoints.${service}`, 'must be a URL such as "https://route53.amazonaws.com".');
		return [];
	});
	return found.length > 0 ? Object.fromEntries(found) : undefined;
}

const isObject = (value: unknown): value is { [key: string]: unknown } =>
	typeof value === "object" && value !== null && !Array.isArray(value);

function dropUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};
}
