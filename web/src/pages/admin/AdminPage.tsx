import '../../i18n/admin';

import { Tabs } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState } from '../../ui/State';
import { Audit } from './Audit';
import { Retention } from './Retention';
import { Tokens } from './Tokens';
import { Units } from './Units';
import { Users } from './Users';

const route = getRouteApi('/admin/$tab');
const tabs = ['users', 'units', 'tokens', 'retention', 'audit'] as const;
const actions = { users: 'user.manage', units: 'unit.manage', tokens: 'token.manage', retention: 'retention.manage', audit: 'audit.read' };
const content = { users: Users, units: Units, tokens: Tokens, retention: Retention, audit: Audit };

export function AdminPage() {
  const { t } = useTranslation(['translation', 'admin']);
  const { tab } = route.useParams();
  const navigate = route.useNavigate();
  const may = useMay();
  const allowed = tabs.filter((name) => may(actions[name]));
  const shown = allowed.find((name) => name === tab) ?? allowed[0];
  if (!shown) {
    return <EmptyState icon={<IconLock size={34} />} title={t('error.denied.title')} text={t('error.denied.remedy')} />;
  }
  const Content = content[shown];
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.admin')} />
      <div className="la-card">
        <Tabs
          value={shown}
          onChange={(value) => void navigate({ to: '/admin/$tab', params: { tab: value ?? 'users' } })}
          keepMounted={false}
        >
          <Tabs.List px="sm">
            {allowed.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {t(`admin:tab.${name}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value={shown}>
            <Content />
          </Tabs.Panel>
        </Tabs>
      </div>
    </div>
  );
}
