import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ridesRowsEnv } from '../lambdas/rides/env';
import { acknowledge } from './acknowledge';
import type { Environment } from './environments';
import type { ServiceFunction } from './service-function';

interface BucketProps {
  environment: Environment;
}

/** A private, encrypted bucket that refuses plain HTTP. */
export function newBucket(scope: Construct, { environment }: BucketProps, lifecycleRules: LifecycleRule[]): Bucket {
  const bucket = new Bucket(scope, 'Bucket', {
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
  acknowledge(bucket, 'Nobody but the service has access; who wants each call logged has CloudTrail.', 'S1');
  return bucket;
}

/** Frozen days, as Parquet; and below `refused/` what devices wrote by themselves and could not stay. */
export class Archive extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id);
    this.bucket = newBucket(this, props, [{ expiration: Duration.days(props.environment.retentionDays) }]);
  }

  /** Beside the failures, which wait for an operator: nobody redrives these. */
  grantSetAside(fn: ServiceFunction): void {
    fn.allowUnder('Each batch has a name of its own.', ['s3:PutObject'], this.bucket.arnForObjects('refused/*'));
    fn.setEnvironment(ridesRowsEnv, { ARCHIVE_BUCKET: this.bucket.bucketName });
  }
}

/** What a consumer gave up on, with its payload, until somebody redrives it. */
export class Failures extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id);
    this.bucket = newBucket(this, props, [{ expiration: Duration.days(90) }]);
  }

  /** Objects in the bucket, as S3 counts them once a day: back to none when all is redriven. */
  metricKept(): Metric {
    return new Metric({
      namespace: 'AWS/S3',
      metricName: 'NumberOfObjects',
      dimensionsMap: { BucketName: this.bucket.bucketName, StorageType: 'AllStorageTypes' },
      period: Duration.days(1),
      statistic: 'Maximum',
    });
  }

  /** What Lambda needs to keep a failed batch on the function's behalf. */
  grantKeep(fn: ServiceFunction): void {
    fn.allowUnder('Lambda names the objects.', ['s3:PutObject'], this.bucket.arnForObjects('*'));
    fn.allow(['s3:ListBucket'], this.bucket.bucketArn);
  }
}
