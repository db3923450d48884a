import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Environment } from './environments';
import type { ServiceFunction } from './service-function';

interface BucketProps {
  environment: Environment;
}

/** A private, encrypted bucket that refuses plain HTTP. */
export function newBucket(scope: Construct, { environment }: BucketProps, lifecycleRules: LifecycleRule[]): Bucket {
  return new Bucket(scope, 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }, ...lifecycleRules],
    ...(environment.keepsData
      ? { removalPolicy: RemovalPolicy.RETAIN }
      : { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true }),
  });
}

/** Frozen days, as Parquet. */
export class Archive extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id);
    this.bucket = newBucket(this, props, [{ expiration: Duration.days(props.environment.retentionDays) }]);
  }
}

/** What a consumer gave up on, with its payload, until somebody redrives it. */
export class Failures extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id);
    this.bucket = newBucket(this, props, [{ expiration: Duration.days(90) }]);
  }

  /** What Lambda needs to keep a failed batch on the function's behalf. */
  grantKeep(fn: ServiceFunction): void {
    fn.allow(['s3:PutObject'], this.bucket.arnForObjects('*'));
    fn.allow(['s3:ListBucket'], this.bucket.bucketArn);
  }
}
