import { Route53Client, type Route53ClientConfig } from "@aws-sdk/client-route-53";
import type { Properties } from "./resource.js";

/**
 * A Route 53 client as the provider's configuration says; what that leaves out, the SDK takes from the
 * environment.
 *
 * @param config The arguments of `aws.Provider`, anything but strings as JSON text.
 */
export function createClient(config: Properties): Route53Client {
	const { accessKey, secretKey, token, profile, region } = config;
	const endpoint = route53Endpoint(config.endpoints);
	const settings: Route53ClientConfig = { region: typeof region === "string" ? region : "us-east-1" };
	if (endpoint !== undefined) settings.endpoint = endpoint;
	if (typeof profile === "string") settings.profile = profile;
	if (typeof accessKey === "string" && typeof secretKey === "string") {
		settings.credentials = {
			accessKeyId: accessKey,
			secretAccessKey: secretKey,
			...(typeof token === "string" ? { sessionToken: token } : {}),
		};
	}
	return new Route53Client(settings);
}

function route53Endpoint(endpoints: unknown): string | undefined {
	const list: unknown = typeof endpoints === "string" ? JSON.parse(endpoints) : endpoints;
	if (!Array.isArray(list)) return undefined;
	return list.map((entry: { route53?: string }) => entry.route53).find((url) => url !== undefined);
}
