import { existsSync } from 'node:fs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from './acknowledge';
import type { HttpApi } from './http-api';
import type { SocketApi } from './socket-api';

/** The map in the browser: files in a private bucket, served by CloudFront. Whatever lies in it is built anew. */
export class Console extends Construct {
  readonly url: string;
  private readonly bucket: IBucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = this.addBucket();
    const distribution = this.addDistribution(this.bucket);
    this.url = `https://${distribution.distributionDomainName}`;
  }

  private addBucket(): IBucket {
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    acknowledge(bucket, 'It holds the public files of the console, which CloudFront alone reads.', 'S1');
    // The library's own types part ways over optional properties: a Bucket is an IBucket.
    return bucket as IBucket;
  }

  private addDistribution(bucket: IBucket): Distribution {
    const page = (httpStatus: number) => ({
      httpStatus,
      responseHttpStatus: 200,
      responsePagePath: '/index.html',
      ttl: Duration.seconds(0),
    });
    const distribution = new Distribution(this, 'Distribution', {
      comment: 'Waystream console',
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.addHeaders(),
      },
      // The application's own paths are no files; a private bucket answers 403 for what it has not.
      errorResponses: [page(403), page(404)],
    });
    acknowledge(distribution, 'Operators sit anywhere; the APIs behind the page ask for a token.', 'CFR1');
    acknowledge(distribution, 'Static files need no firewall; the APIs throttle.', 'CFR2');
    acknowledge(distribution, 'The APIs log who asked for what; of static files nobody wants to know.', 'CFR3');
    acknowledge(
      distribution,
      'CloudFront’s own name brings its own certificate; a domain of yours brings TLS 1.2.',
      'CFR4',
    );
    return distribution;
  }

  /** The page may talk to its APIs and to a map style of the operator's choosing, and run nothing but its own code. */
  private addHeaders(): ResponseHeadersPolicy {
    const contentSecurityPolicy = [
      "default-src 'none'",
      "script-src 'self'",
      // The map draws from a worker made of a blob, and decodes images through blobs.
      "worker-src 'self' blob:",
      "img-src 'self' data: blob: https:",
      "style-src 'self' 'unsafe-inline'",
      "font-src 'self'",
      "connect-src 'self' https: wss:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; ');
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(365),
          includeSubdomains: true,
          override: true,
        },
      },
    });
  }

  /**
   * Deploys the files, if they are built, and tells them where the APIs are. Files named by their content never change,
   * and those of the page before stay for who still has it open.
   */
  publish(api: HttpApi, socket: SocketApi): void {
    const folder = String(this.node.tryGetContext('web') ?? 'dist/web');
    if (!existsSync(folder)) return;
    const destinationBucket = this.bucket;
    const assets = new BucketDeployment(this, 'Assets', {
      destinationBucket,
      sources: [Source.asset(folder)],
      exclude: ['*'],
      include: ['assets/*'],
      prune: false,
      cacheControl: [CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
    });
    const page = new BucketDeployment(this, 'Page', {
      destinationBucket,
      sources: [Source.asset(folder), Source.jsonData('config.json', { api: api.url, ws: socket.url })],
      exclude: ['assets/*'],
      cacheControl: [CacheControl.noCache()],
    });
    page.node.addDependency(assets);
    this.acknowledgeDeployer(assets);
  }

  /** What copies the files is CDK's own function. */
  private acknowledgeDeployer(deployment: BucketDeployment): void {
    const deployer = deployment.handlerRole.node.scope;
    if (!deployer) return;
    const reason =
      'The function that copies files on deployment is the library’s, and so are its role and its runtime.';
    const actions = ['s3:GetObject*', 's3:GetBucket*', 's3:List*', 's3:DeleteObject*', 's3:Abort*'];
    acknowledge(deployer, reason, 'L1', ...actions.map((action) => `IAM5[Action::${action}]`));
    acknowledge(
      deployer,
      reason,
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]',
    );
    acknowledgeWildcard(deployer, this.bucket.arnForObjects('*'), reason);
  }
}
