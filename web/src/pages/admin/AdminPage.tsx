import '../../i18n/admin';

import { IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { type PageName, pages } from '../../app/nav';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState } from '../../ui/State';
import { Tokens } from './Tokens';
import { Users } from './Users';

function Frame({ name, children }: { name: PageName; children: React.ReactNode }) {
  const { t } = useTranslation();
  const may = useMay();
  const action = pages.find((p) => p.name === name)?.action;
  if (action !== undefined && !may(action)) {
    return <EmptyState icon={<IconLock size={34} />} title={t('error.denied.title')} text={t('error.denied.remedy')} />;
  }
  return (
    <div className={page.page}>
      <PageHeader title={t(`nav.${name}`)} />
      <div className="la-card">{children}</div>
    </div>
  );
}

export function UsersPage() {
  return (
    <Frame name="users">
      <Users />
    </Frame>
  );
}

export function TokensPage() {
  return (
    <Frame name="tokens">
      <Tokens />
    </Frame>
  );
}
