import '../../i18n/casework';
import '../../i18n/incidents';

import { Alert, Button, Text, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconFileText, IconFileZip, IconJson } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { exportIncident, packIncident } from '../../api/caseworkQueries';
import type { IncidentDetail } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import { saveFile } from '../../lib/saveFile';
import { Dialog } from '../../ui/Dialog';
import { ErrorState } from '../../ui/State';
import { toast } from '../../ui/toast';
import { NewDocument } from '../documents/NewDocument';
import css from './casework.module.css';

/** The ways out of the system for an incident, each with what it is, under the warning of its mark. */
export function ExportDialog({ incident, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const { t } = useTranslation(['casework', 'incidents']);
  const may = useMay();
  const [why, setWhy] = useState('');
  const [drafting, setDrafting] = useState(false);
  const secret = incident.secrecy !== '';
  const done = (name: string) => (content: Blob) => {
    saveFile(content, name);
    toast({ message: t('export.done', { name }), autoClose: 4_000 });
  };
  const json = useMutation({ mutationFn: () => exportIncident(incident.id), onSuccess: done(`${incident.code}.json`) });
  const zip = useMutation({
    mutationFn: () => packIncident(incident.id, why.trim()),
    onSuccess: (content) => {
      setWhy('');
      done(`ho-so-${incident.code}.zip`)(content);
    },
  });
  const failed = json.error ?? zip.error;
  if (drafting) return <NewDocument subject={{ kind: 'incident', id: incident.id }} onClose={onClose} />;
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('export.title', { code: incident.code })}>
      <Alert
        icon={<IconAlertTriangle size={18} />}
        styles={{
          root: { background: 'var(--la-medium-bg)', border: '1px solid var(--la-medium-bar)' },
          icon: { color: 'var(--la-medium)' },
          message: { color: 'var(--mantine-color-text)' },
        }}
      >
        {t('export.tlp', { tlp: incident.tlp, means: t(`incidents:tlp.${incident.tlp}`).toLocaleLowerCase() })} {secret && t('export.secret')} {incident.drill && t('export.drill')}
      </Alert>
      {failed !== null && <ErrorState error={failed} />}
      <ul className={css.exports}>
        <li>
          <IconJson size={22} aria-hidden="true" />
          <div>
            <b>{t('export.json')}</b>
            <Text size="sm">{t('export.jsonText')}</Text>
            <Button
              size="xs"
              mt={6}
              variant="default"
              loading={json.isPending}
              onClick={() => {
                json.mutate();
              }}
            >
              {t('export.jsonDo')}
            </Button>
          </div>
        </li>
        {may('document.draft') && !incident.summarised && !secret && (
          <li>
            <IconFileText size={22} aria-hidden="true" />
            <div>
              <b>{t('export.docx')}</b>
              <Text size="sm">{t('export.docxText')}</Text>
              <Button
                size="xs"
                mt={6}
                variant="default"
                onClick={() => {
                  setDrafting(true);
                }}
              >
                {t('export.docxDo')}
              </Button>
            </div>
          </li>
        )}
        {incident.mayChange && !secret && (
          <li>
            <IconFileZip size={22} aria-hidden="true" />
            <form
              onSubmit={(event) => {
                event.preventDefault();
                zip.mutate();
              }}
            >
              <b>{t('export.zip')}</b>
              <Text size="sm">{t('export.zipText')}</Text>
              <Textarea
                mt={6}
                size="xs"
                label={t('export.zipWhy')}
                description={t('export.zipWhyText')}
                autosize
                minRows={2}
                maxRows={4}
                maxLength={200}
                value={why}
                onChange={(event) => {
                  setWhy(event.currentTarget.value);
                }}
              />
              <Button type="submit" size="xs" mt={6} variant="default" loading={zip.isPending} disabled={why.trim() === ''}>
                {t('export.zipDo')}
              </Button>
            </form>
          </li>
        )}
      </ul>
    </Dialog>
  );
}
