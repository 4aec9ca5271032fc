import { UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { excerpt, pieces, type Range } from '../../../lib/ranges';
import css from './why.module.css';

const mostCharacters = 320;
const context = 90;

/** A value with the parts marked that made a rule match; a long one is cut around them. */
export function Marked({ value, isNull, ranges }: { value: string; isNull: boolean; ranges: readonly Range[] }) {
  const { t } = useTranslation('why');
  const [whole, setWhole] = useState(false);
  const all = useMemo(() => pieces(value, ranges), [value, ranges]);
  if (isNull) return <span className="la-dim">{t('null')}</span>;
  if (value === '') return <span className="la-dim">{t('empty')}</span>;
  const shown = whole ? all : excerpt(all, mostCharacters, context);
  const cut = shown.some((piece, i) => piece.text !== all[i]?.text);
  return (
    <>
      <span className="la-mono la-wrap" translate="no">
        {shown.map(({ text, marked }, i) =>
          marked ? (
            <mark key={i} className={css.mark}>
              {text}
            </mark>
          ) : (
            <bdi key={i}>{text}</bdi>
          ),
        )}
      </span>
      {cut && (
        <UnstyledButton
          className={css.more}
          onClick={() => {
            setWhole(true);
          }}
        >
          {t('showWhole')}
        </UnstyledButton>
      )}
    </>
  );
}
