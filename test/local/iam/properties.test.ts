import fc from 'fast-check';
import { evaluate, type Policies, parsePolicy } from '../../../local/iam';
import { requestOf } from './cases/case';

const tables = ['tracks', 'tickets', 'partitions'];
const arn = (name: string) => `arn:aws:dynamodb:eu-central-1:111122223333:table/${name}`;
const actions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];

const condition = fc.option(
  fc.record({
    operator: fc.constantFrom('StringEquals', 'StringNotEquals', 'ForAllValues:StringLike', 'ForAnyValue:StringEquals'),
    values: fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 2 }),
  }),
  { nil: undefined },
);
const statement = (Effect: 'Allow' | 'Deny') =>
  fc
    .record({
      actions: fc.array(fc.constantFrom(...actions, 'dynamodb:*'), { minLength: 1, maxLength: 2 }),
      resources: fc.array(fc.constantFrom(...tables.map(arn), '*'), { minLength: 1, maxLength: 2 }),
      negated: fc.boolean(),
      condition,
    })
    .map(({ actions: some, resources, negated, condition: when }) => ({
      Effect,
      [negated ? 'NotAction' : 'Action']: some,
      Resource: resources,
      ...(when && { Condition: { [when.operator]: { 'aws:PrincipalTag/team': when.values } } }),
    }));
const statements = fc.array(fc.oneof({ weight: 3, arbitrary: statement('Allow') }, statement('Deny')), {
  minLength: 1,
  maxLength: 5,
});
const request = fc
  .record({
    action: fc.constantFrom(...actions),
    resource: fc.constantFrom(...tables.map(arn)),
    team: fc.option(fc.constantFrom('a', 'b', ''), { nil: undefined }),
  })
  .map(({ team, ...rest }) =>
    requestOf({
      ...{ name: '', source: '', expected: 'allowed', ...rest },
      context: team === undefined ? {} : { 'aws:PrincipalTag/team': team },
    }),
  );

const policy = (Statement: object[]) => [parsePolicy({ Version: '2012-10-17', Statement })];
const allows = (asked: ReturnType<typeof requestOf>, policies: Policies) => evaluate(asked, policies).allowed;
const without = <T>(list: readonly T[], at: number) => list.filter((_, index) => index !== at % list.length);

test('one deny more never allows more', () => {
  fc.assert(
    fc.property(request, statements, statement('Deny'), fc.nat(5), (asked, own, denial, at) => {
      const more = [...own.slice(0, at), denial, ...own.slice(at)];
      return !allows(asked, { identity: policy(more) }) || allows(asked, { identity: policy(own) });
    }),
  );
});

test('one allow less never allows more', () => {
  fc.assert(
    fc.property(request, statements, fc.nat(), (asked, own, at) => {
      const allowing = own.filter(({ Effect }) => Effect === 'Allow');
      const denying = own.filter(({ Effect }) => Effect === 'Deny');
      const less = [...denying, ...without(allowing, at)];
      fc.pre(allowing.length > 0 && less.length > 0);
      return !allows(asked, { identity: policy(less) }) || allows(asked, { identity: policy(own) });
    }),
  );
});

test('a session’s policy and a role’s may change places: what both allow is allowed', () => {
  fc.assert(
    fc.property(request, statements, statements, (asked, one, other) => {
      const [first, second] = [policy(one), policy(other)];
      const both = allows(asked, { identity: first, session: second });
      const each = allows(asked, { identity: first }) && allows(asked, { identity: second });
      return both === allows(asked, { identity: second, session: first }) && both === each;
    }),
  );
});

test('the order of statements decides nothing', () => {
  fc.assert(
    fc.property(
      request,
      statements.chain((own) => fc.tuple(fc.constant(own), fc.shuffledSubarray(own, { minLength: own.length }))),
      (asked, [own, shuffled]) =>
        allows(asked, { identity: policy(own) }) === allows(asked, { identity: policy(shuffled) }),
    ),
  );
});
