import { AwsError, type AwsService } from "../../aws/failure.js";
import { codeOfRoute53, Route53Error } from "./api.js";

export const route53Service: AwsService = {
	title: "Route 53",
	access: { profile: "route53.profile", roleArn: "route53.roleArn", externalId: "route53.externalId" },
	code: codeOfRoute53,
	denied: () =>
		"The credentials need route53:ListHostedZonesByName, GetHostedZone, ListResourceRecordSets, " +
		"ChangeResourceRecordSets and GetChange; another account's zone needs `roleArn`.",
};

export const fromAws = ({ failure: { message, word, ...options } }: AwsError): Route53Error =>
	new Route53Error(message, word, options);

/** The same, with what it throws of AWS as an error of a host. */
export async function inRoute53Words<T>(call: Promise<T>): Promise<T> {
	return call.catch((error: unknown) => {
		throw error instanceof AwsError ? fromAws(error) : error;
	});
}
