import '../../i18n/systems';

import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { addSystem, systemsChanged } from '../../api/systemQueries';
import { useSession } from '../../app/session';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { toast } from '../../ui/toast';
import { Denied } from '../users/Denied';
import { freshFacts } from './facts';
import { SystemForm } from './SystemForm';

const route = getRouteApi('/systems/new');

/** Enters a system into the register. */
export function NewSystemPage() {
  const { t } = useTranslation('systems');
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user } = useSession();
  const { unit = user.unit } = route.useSearch();
  const save = useMutation({
    mutationFn: addSystem,
    onSuccess: async (made) => {
      toast({ message: t('saved'), autoClose: 4_000 });
      await systemsChanged(client);
      await navigate({ to: '/systems/$id', params: { id: made.id } });
    },
  });
  return (
    <Denied action="system.manage">
      <div className={`${page.page ?? ''} ${page.narrow ?? ''}`}>
        <Link to="/systems" className={page.back}>
          ← {t('back')}
        </Link>
        <PageHeader title={t('new')} />
        <Text size="sm" mb="sm">
          {t('newText')}
        </Text>
        <SystemForm facts={freshFacts(unit)} error={save.error} busy={save.isPending} onSubmit={save.mutate} onCancel={() => void navigate({ to: '/systems' })} />
      </div>
    </Denied>
  );
}
