import { Anchor, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { setLanguage } from '../../i18n';
import { Logo } from '../../ui/Logo';
import { usePageTitle } from '../../ui/PageHeader';
import css from './signin.module.css';

export function Entry({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
  const { t, i18n } = useTranslation();
  usePageTitle(title);
  const other = i18n.language === 'vi' ? 'en' : 'vi';
  return (
    <main className={css.page}>
      <div className={css.box}>
        <div className={css.brand}>
          <Logo size={44} />
          <div>
            <div className={css.name}>{t('app.name')}</div>
            <div className="la-dim">{t('app.tagline')}</div>
          </div>
        </div>
        <div className={`la-card ${css.form ?? ''}`}>
          <Title order={1} mb={4}>
            {title}
          </Title>
          <Text size="sm" className="la-dim" mb="md">
            {text}
          </Text>
          {children}
        </div>
        <Text size="xs" ta="center">
          <Anchor component="button" type="button" size="xs" lang={other} onClick={() => void setLanguage(other)}>
            {t('language.other')}
          </Anchor>
        </Text>
      </div>
    </main>
  );
}
