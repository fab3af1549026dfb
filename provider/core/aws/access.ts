/** What of a resource's arguments, or of a stack's settings for one service, decides whose account is asked. */
export interface AwsAccess {
	region?: string;
	profile?: string;
	roleArn?: string;
	externalId?: string;
}
