import { UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronDown, IconChevronRight, IconX } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { ExplainedField, ExplainedPart } from '../../../api/types';
import { union } from '../../../lib/ranges';
import { Marked } from './Marked';
import css from './why.module.css';

const patternsShown = 5;
const choicesShown = 8; // of a group of which none is true
const operations = ['contains', 'startswith', 'endswith', 're', 'cidr', 'gt', 'gte', 'lt', 'lte', 'exists', 'fieldref'] as const;
// What the words of a test already say; the others are shown as written.
const inWords = new Set<string>([...operations, 'all', 'neq']);

interface Props {
  part: ExplainedPart;
  fields: ExplainedField[];
}

function Sign({ held }: { held: boolean }) {
  const { t } = useTranslation('why');
  const Icon = held ? IconCheck : IconX;
  return (
    <span className={css.sign} data-held={held || undefined}>
      <Icon size={13} stroke={3} aria-hidden="true" />
      <span className="la-hidden">{held ? t('held') : t('notHeld')}: </span>
    </span>
  );
}

function Patterns({ part }: { part: ExplainedPart }) {
  const { t } = useTranslation('why');
  const [all, setAll] = useState(false);
  const satisfied = new Set(part.hits?.map((hit) => hit.pattern));
  // What was found stands first: a rule may list hundreds.
  const list = [...(part.patterns ?? [])].sort((a, b) => Number(satisfied.has(b)) - Number(satisfied.has(a)));
  const shown = all ? list : list.slice(0, Math.max(patternsShown, satisfied.size));
  const rest = list.length - shown.length + (part.morePatterns ?? 0);
  return (
    <>
      {shown.map((pattern, i) => (
        <code key={i} className={css.pattern} data-found={satisfied.has(pattern) || undefined} translate="no">
          {pattern}
        </code>
      ))}
      {rest > 0 &&
        (all ? (
          <span className="la-dim">{t('morePatterns', { n: rest })}</span>
        ) : (
          <UnstyledButton
            className={css.more}
            onClick={() => {
              setAll(true);
            }}
          >
            {t('morePatterns', { n: rest })}
          </UnstyledButton>
        ))}
    </>
  );
}

/** What a test asks, in words. */
function Test({ part }: { part: ExplainedPart }) {
  const { t } = useTranslation('why');
  const modifiers = part.modifiers ?? [];
  const patterns = part.patterns ?? [];
  const onlyNull = patterns.length === 1 && patterns[0] === 'null' && modifiers.length === 0;
  const operation = operations.find((name) => modifiers.includes(name));
  let words = t(`op.${onlyNull ? 'null' : part.kind === 'keywords' && !operation ? 'contains' : (operation ?? 'equals')}`);
  if (modifiers.includes('neq')) words = t('negated', { op: words });
  const others = modifiers.filter((name) => !inWords.has(name));
  return (
    <span className={css.test}>
      {part.kind === 'keywords' ? (
        <span>{t('keywords')}</span>
      ) : (
        <b className="la-mono la-wrap" translate="no">
          {part.field}
        </b>
      )}{' '}
      {words}{' '}
      {patterns.length > 1 && <span className="la-dim">{modifiers.includes('all') ? t('allOf') : t('oneOf')} </span>}
      {!onlyNull && <Patterns part={part} />}
      {others.length > 0 && (
        <span className="la-dim la-mono" translate="no">
          {' '}
          ({others.join(', ')})
        </span>
      )}
    </span>
  );
}

/** The values a test found, or saw instead. */
function Evidence({ part, fields }: Props) {
  const { t } = useTranslation('why');
  const hits = part.hits ?? [];
  const places = [...new Set(hits.length > 0 ? hits.map((hit) => hit.field) : (part.seen ?? []))];
  return (
    <div className={css.evidence}>
      {(part.missing?.length ?? 0) > 0 && (
        <div>
          {t('missing')}{' '}
          {part.missing?.map((pattern) => (
            <code key={pattern} className={css.pattern} translate="no">
              {pattern}
            </code>
          ))}
        </div>
      )}
      {places.map((place) => {
        const field = fields[place];
        if (!field) return null;
        const ranges = union(hits.filter((hit) => hit.field === place).flatMap((hit) => hit.ranges));
        return (
          <div key={place}>
            <span className="la-dim">
              {t('saw')} <span className="la-mono">{field.name}</span> ={' '}
            </span>
            <Marked value={field.value} isNull={field.null} ranges={ranges} />
          </div>
        );
      })}
      {places.length === 0 && part.state === 'absent' && <div className="la-dim">{t('absent')}</div>}
      {places.length === 0 && part.state === 'object' && <div className="la-dim">{t('object')}</div>}
      {places.length === 0 && part.kind === 'keywords' && <div className="la-dim">{t('noValue')}</div>}
    </div>
  );
}

/** The parts of a group. Once it is decided, what does not decide it waits behind a button. */
function Parts({ part, fields }: Props) {
  const { t } = useTranslation('why');
  const [open, setOpen] = useState(false);
  const id = useId();
  const parts = part.parts ?? [];
  const excluded = part.kind === 'not' && part.held;
  const choice = part.kind === 'any' || part.kind === 'at_least';
  const decided = part.held && (excluded || choice);
  const aside = decided ? parts.filter((p) => !p.held) : choice ? parts.slice(choicesShown) : [];
  const shown = open ? parts : parts.filter((p) => !aside.includes(p));
  const labels = excluded
    ? { show: t('showExcluded'), hide: t('hideExcluded') }
    : { show: t('showOthers', { n: aside.length }), hide: t('hideOthers') };
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <div id={id}>
      {shown.length > 0 && (
        <ul className={css.parts}>
          {shown.map((p, i) => (
            <li key={i}>
              <TreePart part={p} fields={fields} />
            </li>
          ))}
        </ul>
      )}
      {(part.moreParts ?? 0) > 0 && <div className="la-dim">{t('moreParts', { n: part.moreParts })}</div>}
      {aside.length > 0 && (
        <UnstyledButton
          className={css.more}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => {
            setOpen(!open);
          }}
        >
          <Icon size={13} aria-hidden="true" /> {open ? labels.hide : labels.show}
        </UnstyledButton>
      )}
    </div>
  );
}

function TreePart({ part, fields }: Props) {
  const { t } = useTranslation('why');
  const only = part.parts?.[0];
  if (part.kind === 'field' || part.kind === 'keywords') {
    return (
      <div className={css.part}>
        <Sign held={part.held} />
        <div className={css.body}>
          <Test part={part} />
          <Evidence part={part} fields={fields} />
        </div>
      </div>
    );
  }
  // A level that says nothing of its own is left out.
  if ((part.kind === 'all' || part.kind === 'any') && part.parts?.length === 1 && only) return <TreePart part={only} fields={fields} />;
  const title = {
    all: t('all'),
    any: t('any'),
    at_least: t('atLeast', { n: part.count }),
    not: t('not'),
    search: '',
  }[part.kind];
  return (
    <div className={css.part}>
      <Sign held={part.held} />
      <div className={css.body}>
        {part.kind === 'search' ? (
          <span className={css.search} translate="no">
            {part.name}
          </span>
        ) : (
          <span className={css.group}>{title}</span>
        )}
        <Parts part={part} fields={fields} />
      </div>
    </div>
  );
}

export function Tree(props: Props) {
  return (
    <div className={css.tree}>
      <TreePart {...props} />
    </div>
  );
}
