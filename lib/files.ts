import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type Bucket, CfnBucket, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { importEnv, uploadEnv } from '../lambdas/files/env';
import { newBucket } from './buckets';
import type { Environment } from './environments';
import type { HttpApi } from './http-api';
import type { PositionStream } from './position-stream';
import { ServiceFunction } from './service-function';

export interface FilesProps {
  environment: Environment;
  api: HttpApi;
  positions: PositionStream;
  /** Pages that may upload, beside those that the environment names. */
  origins: readonly string[];
}

/** Imports rides from files: a file is uploaded straight to a bucket, and its coming starts the import. */
export class Files extends Construct {
  private readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: FilesProps) {
    super(scope, id);
    this.bucket = this.addBucket(props);
    this.addDoor(props);
    this.addImporter(props);
  }

  /** An upload is read at once and then of no use; its report is asked for within the month. */
  private addBucket({ environment, origins }: FilesProps): Bucket {
    const bucket = newBucket(new Construct(this, 'Uploads'), { environment }, [
      { prefix: 'uploads/', expiration: Duration.days(1) },
      { prefix: 'reports/', expiration: Duration.days(30) },
    ]);
    bucket.addCorsRule({
      allowedMethods: [HttpMethods.PUT],
      allowedOrigins: [...origins, ...environment.corsOrigins],
      allowedHeaders: ['content-type'],
      maxAge: 3600,
    });
    const { defaultChild } = bucket.node;
    if (!(defaultChild instanceof CfnBucket)) throw new Error('The bucket of uploads has no resource of its own.');
    // The construct would take a function of its own, with rights on every bucket, to say this.
    defaultChild.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    return bucket;
  }

  private addDoor({ environment, api }: FilesProps): void {
    const fn = new ServiceFunction(this, 'OnImport', {
      environment,
      entry: 'files/on-import',
      reads: importEnv,
      description: 'Says where to upload a file, and what became of it',
      memoryMb: 512,
      timeoutSeconds: 29,
    });
    fn.setEnvironment(importEnv, { UPLOADS_BUCKET: this.bucket.bucketName });
    fn.allowUnder('Each upload has a name of its own.', ['s3:PutObject'], this.bucket.arnForObjects('uploads/*'));
    this.grantReports(fn);
    api.route(fn, 'POST /v1/rides/import', 'GET /v1/imports/{id}');
  }

  private addImporter({ environment, positions }: FilesProps): void {
    const fn = new ServiceFunction(this, 'OnUpload', {
      environment,
      entry: 'files/on-upload',
      reads: uploadEnv,
      description: 'Imports an uploaded file',
      // The file, one feature of it, and the times of its points.
      memoryMb: 1024,
      // A large file's points trickle into the stream, and an outage of the stream is waited for.
      timeoutSeconds: 900,
    });
    fn.setEnvironment(uploadEnv, {
      UPLOADS_BUCKET: this.bucket.bucketName,
      RETENTION_DAYS: String(environment.retentionDays),
    });
    fn.allowUnder('Each upload has a name of its own.', ['s3:GetObject'], this.bucket.arnForObjects('uploads/*'));
    this.grantReports(fn);
    positions.grantPut(fn);
    this.addRule(fn);
  }

  private grantReports(fn: ServiceFunction): void {
    const reports = this.bucket.arnForObjects('reports/*');
    fn.allowUnder('Each report has a name of its own.', ['s3:GetObject', 's3:PutObject'], reports);
  }

  private addRule(fn: ServiceFunction): void {
    const rule = new Rule(this, 'Uploaded', {
      description: 'A file has been uploaded',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [this.bucket.bucketName] }, object: { key: [{ prefix: 'uploads/' }] } },
      },
    });
    rule.addTarget(new LambdaFunction(fn));
  }
}
