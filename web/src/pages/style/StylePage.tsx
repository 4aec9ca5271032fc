import '../../i18n/style';

import { MantineProvider, Text, useComputedColorScheme } from '@mantine/core';
import { useLayoutEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { theme } from '../../app/theme';
import { styleNonce } from '../../app/trusted';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { Marks } from './Marks';
import { Numbers } from './Numbers';
import css from './style.module.css';
import { Work } from './Work';

type Scheme = 'light' | 'dark';

/** Every part of the console in both themes, with its states. */
export function StylePage() {
  const { t } = useTranslation(['translation', 'style']);
  const scheme = useComputedColorScheme('light');
  // The dark sheet can lie in a light page, not the other way round.
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset.mantineColorScheme = 'light';
    return () => {
      root.dataset.mantineColorScheme = scheme;
    };
  }, [scheme]);
  return (
    <div className={page.page}>
      <PageHeader title={t('style:title')} />
      <Text size="sm" className="la-dim" mb="sm">
        {t('style:text')}
      </Text>
      <div className={css.sheets}>
        <Sheet scheme="light" />
        <Sheet scheme="dark" />
      </div>
    </div>
  );
}

function Sheet({ scheme }: { scheme: Scheme }) {
  const { t } = useTranslation('style');
  const [element, setElement] = useState<HTMLElement | null>(null);
  return (
    <section ref={setElement} className={`la-sheet ${css.sheet ?? ''}`} data-mantine-color-scheme={scheme} aria-label={t(scheme)}>
      {element && (
        <MantineProvider
          getStyleNonce={() => styleNonce}
          theme={theme}
          forceColorScheme={scheme}
          cssVariablesSelector=".la-sheet"
          deduplicateCssVariables={false}
          withGlobalClasses={false}
          getRootElement={() => element}
        >
          <Marks />
          <Numbers />
          <Work />
        </MantineProvider>
      )}
    </section>
  );
}
