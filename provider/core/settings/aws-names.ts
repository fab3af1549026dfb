/**
 * The settings of the AWS provider (`ProviderArgs` of @pulumi/aws 7) that decide which account, credentials,
 * endpoint, network or certificates a call uses: honoured, or refused by name.
 */
const deciding = [
	"accessKey",
	"allowedAccountIds",
	"assumeRole",
	"assumeRoles",
	"assumeRoleWithWebIdentity",
	"customCaBundle",
	"ec2MetadataServiceEndpoint",
	"ec2MetadataServiceEndpointMode",
	"endpoints",
	"forbiddenAccountIds",
	"httpProxy",
	"httpsProxy",
	"insecure",
	"maxRetries",
	"noProxy",
	"profile",
	"region",
	"retryMode",
	"secretKey",
	"sharedConfigFiles",
	"sharedCredentialsFiles",
	"stsRegion",
	"token",
	"useDualstackEndpoint",
	"useFipsEndpoint",
] as const;

export type AwsSettingName = (typeof deciding)[number];

/** Those about other things, which many stacks have. */
const others = [
	"defaultTags",
	"ignoreTags",
	"s3UsEast1RegionalEndpoint",
	"s3UsePathStyle",
	"skipCredentialsValidation",
	"skipMetadataApiCheck",
	"skipRegionValidation",
	"skipRequestingAccountId",
	"tagPolicyCompliance",
	"tokenBucketRateLimiterCapacity",
	"userAgents",
];

/** The deciding setting that somebody meant by a name that no setting has. */
export const meantSetting = (name: string): AwsSettingName | undefined => nearest(name, deciding, others);

/** Of the names, the one that an unknown name is a slip of: another case or separator, or a letter or two. */
export function nearest<Name extends string>(
	given: string,
	names: readonly Name[],
	others: readonly string[] = [],
): Name | undefined {
	if ([...names, ...others].includes(given)) return undefined;
	const plain = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, "");
	const apart = (name: string) => distance(plain(given), plain(name));
	const [near] = [...names].sort((a, b) => apart(a) - apart(b));
	if (near === undefined) return undefined;
	return apart(near) <= (near.length < 6 ? 1 : 2) ? near : undefined;
}

/** Letters to add, take away, change or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
	const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
	const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
	for (let row = 1; row <= a.length; row += 1) {
		rows[row] = [row];
		for (let column = 1; column <= b.length; column += 1) {
			const same = a[row - 1] === b[column - 1];
			const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
			rows[row]?.push(
				Math.min(
					at(row - 1, column) + 1,
					at(row, column - 1) + 1,
					at(row - 1, column - 1) + (same ? 0 : 1),
					...(swapped ? [at(row - 2, column - 2) + 1] : []),
				),
			);
		}
	}
	return at(a.length, b.length);
}
