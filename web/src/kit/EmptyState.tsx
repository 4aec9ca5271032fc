import '../i18n/kit';

import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { EmptyState as Plain } from '../ui/State';
import css from './kit.module.css';

interface Props {
  icon: React.ReactNode;
  /** What there is none of. */
  title: string;
  /** What this is for. */
  text: string;
  /** How to come to the first one, in order. */
  steps?: readonly string[];
  /** The page of the guide about it. */
  guide?: string;
  /** The button of the first step. */
  children?: React.ReactNode;
}

/** Nothing here yet: what this is, how it begins, and where to read on. */
export function EmptyState({ icon, title, text, steps, guide, children }: Props) {
  const { t } = useTranslation('kit');
  return (
    <Plain icon={icon} title={title} text={text}>
      {steps && (
        <div style={{ margin: '0 auto' }}>
          <Text size="sm" fw={600}>
            {t('empty.first')}
          </Text>
          <ol className={css.steps}>
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      )}
      {children && <div style={{ textAlign: 'center' }}>{children}</div>}
      {guide && (
        <Text size="sm" ta="center">
          <a href={guide}>{t('empty.guide')}</a>
        </Text>
      )}
    </Plain>
  );
}
