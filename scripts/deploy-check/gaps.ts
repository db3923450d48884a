import { isObject, type JsonObject, objectOf } from '../../local/template/json';

/** What the emulator can't make, and what other resources are told in its place. */
interface Gap {
  why: string;
  /** In place of `Ref` or of an attribute. Whatever is referred to and not here is an error. */
  standIns?: (properties: JsonObject) => JsonObject;
}

/** Nobody listens on this port: a function that wants the cache finds it away. */
const noCache = { Ref: 'cache', 'Endpoint.Address': '127.0.0.1', 'Endpoint.Port': '1' };

/**
 * Resources that are left out. What they do is held by template tests (`test/infrastructure`), by the check of who can
 * reach what (`lib/reachability`) and by the local stack.
 */
const leftOut: Readonly<Record<string, Gap>> = {
  'AWS::ElastiCache::ServerlessCache': {
    why: 'it has no cache that speaks Valkey: functions are told an address where nobody listens, and do without',
    standIns: () => ({ ...noCache, ARN: 'arn:aws:elasticache:eu-central-1:000000000000:serverlesscache:cache' }),
  },
  'AWS::Kinesis::StreamConsumer': {
    why: 'it knows no enhanced fan-out: the function reads the stream itself',
    standIns: ({ StreamARN }) => ({ ConsumerARN: StreamARN }),
  },
  'AWS::EC2::Instance': {
    why: 'it starts no machines; functions run beside it and need no way out',
    standIns: () => ({ Ref: 'i-00000000000000000' }),
  },
  'AWS::EC2::SecurityGroupIngress': { why: 'it has no packets to filter' },
  'AWS::EC2::SecurityGroupEgress': { why: 'it has no packets to filter' },
  'AWS::EC2::FlowLog': { why: 'it has no packets to log' },
  'AWS::ApiGatewayV2::RouteResponse': { why: 'it answers over WebSocket without being told to' },
};

/** The public parameter of AWS that names the newest image of a machine; without the machine nobody asks for it. */
const image = 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>';

/** A user pool's issuer is its provider's name as a URL. Source: Return values, AWS::Cognito::UserPool. */
const issuerOf = (pool: unknown): JsonObject => ({
  'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [pool, 'ProviderName'] }]],
});

export interface Fitted {
  template: JsonObject;
  /** What was left out or said otherwise, with the reason; a line each. */
  notes: string[];
}

/**
 * A template as the emulator can deploy it: resources that it can't make are left out, references to them get a
 * stand-in, and what it does not know of a user pool is said in words that it knows. Nothing else is changed.
 * @throws Error where something refers to what was left out and has no stand-in
 */
export function fitTemplate(template: JsonObject): Fitted {
  const resources = Object.entries(objectOf(template.Resources, 'Resources'));
  const gone = new Map<string, JsonObject>();
  const notes = new Map<string, number>();
  const kept = resources.filter(([id, resource]) => {
    const { Type, Properties } = objectOf(resource, id);
    const gap = leftOut[String(Type)];
    if (!gap) return true;
    gone.set(id, gap.standIns?.(isObject(Properties) ? Properties : {}) ?? {});
    const note = `${String(Type)}: ${gap.why}`;
    notes.set(note, (notes.get(note) ?? 0) + 1);
    return false;
  });
  const parameters = Object.entries(objectOf(template.Parameters ?? {}, 'Parameters'));
  const known = parameters.filter(([id, parameter]) => objectOf(parameter, id).Type !== image);
  const rest = { ...template, Resources: Object.fromEntries(kept), Parameters: Object.fromEntries(known) };
  return {
    template: objectOf(withStandIns(rest, gone), 'The template'),
    notes: [...notes].map(([note, count]) => (count === 1 ? note : `${count} × ${note}`)),
  };
}

function withStandIns(value: unknown, gone: ReadonlyMap<string, JsonObject>): unknown {
  if (Array.isArray(value)) return value.map((each) => withStandIns(each, gone));
  if (!isObject(value)) return value;
  const [id, attribute] = referredTo(value);
  const standIns = id === undefined ? undefined : gone.get(id);
  if (standIns) return standInOf(standIns, `${id}.${attribute}`, attribute);
  if (attribute === 'ProviderURL') return issuerOf(id);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'DependsOn' ? dependenciesOf(inner, gone) : withStandIns(inner, gone),
    ]),
  );
}

function standInOf(standIns: JsonObject, what: string, attribute: string): unknown {
  if (!(attribute in standIns)) throw new Error(`${what} is left out for the emulator, and something refers to it.`);
  return standIns[attribute];
}

/** A reference as the resource and the attribute that it names; nothing for what is no reference. */
function referredTo(value: JsonObject): [id: string | undefined, attribute: string] {
  if (typeof value.Ref === 'string') return [value.Ref, 'Ref'];
  const argument = value['Fn::GetAtt'];
  return Array.isArray(argument) ? [String(argument[0]), String(argument[1])] : [undefined, ''];
}

function dependenciesOf(value: unknown, gone: ReadonlyMap<string, JsonObject>): unknown {
  return [value].flat().filter((id) => !gone.has(String(id)));
}
