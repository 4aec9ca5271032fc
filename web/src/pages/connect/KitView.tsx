import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconDownload, IconEyeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { Kit } from '../../api/enrolQueries';
import { Code, Copy } from '../../ui/Copy';
import { Time } from '../../ui/Time';
import styles from './connect.module.css';

function save(name: string, content: BlobPart, type = 'application/octet-stream') {
  const at = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = at;
  link.download = name.split('/').at(-1) ?? name;
  link.click();
  URL.revokeObjectURL(at);
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** What a device needs: warnings, steps, files, and, once, its secret. */
export function KitView({ kit }: { kit: Kit }) {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const own = (text: { vi: string; en: string }) => (i18n.language === 'vi' ? text.vi : text.en);
  const { certificate, token } = kit;
  const secret = token !== undefined || certificate?.key !== undefined;
  return (
    <Stack gap="md">
      {kit.warnings.map((warning) => (
        <Alert key={warning.code} color="yellow" variant="light" icon={<IconAlertTriangle size={18} />}>
          <Text size="sm" className="la-wrap">
            {own(warning)}
          </Text>
        </Alert>
      ))}
      {secret && (
        <Alert color="blue" variant="light" icon={<IconEyeOff size={18} />} title={t('connect:once')}>
          <Text size="sm">{t('connect:onceText')}</Text>
        </Alert>
      )}
      {token !== undefined && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {t('connect:token')}
          </Text>
          <Code text={token} wrap label={t('connect:token')} />
        </div>
      )}
      {certificate && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {t('connect:certificate')}
          </Text>
          <Text size="sm" mb={6}>
            {t('connect:certificateText')} <Time at={certificate.expiresAt} />
          </Text>
          <Group gap="xs">
            <Save name="client.pem" label={t('connect:chain')} content={certificate.chain} />
            {certificate.key && <Save name="client.key" label={t('connect:key')} content={certificate.key} />}
            {certificate.pkcs12 && <Save name="client.p12" label={t('connect:pkcs12')} content={bytesOf(certificate.pkcs12)} />}
          </Group>
          {certificate.pkcs12Password && (
            <Group gap={6} mt={6}>
              <Text size="sm">{t('connect:pkcs12Password')}:</Text>
              <Text size="sm" className="la-mono">
                {certificate.pkcs12Password}
              </Text>
              <Copy value={certificate.pkcs12Password} />
            </Group>
          )}
        </div>
      )}
      <div>
        <Text size="sm" fw={600} component="h2">
          {t('connect:steps')}
        </Text>
        <List type="ordered" size="sm" spacing={6} mt={4} pl="sm">
          {kit.steps.map((step, i) => (
            <List.Item key={i} className={styles.break}>
              {own(step)}
            </List.Item>
          ))}
        </List>
      </div>
      {kit.files.length > 0 && (
        <Text size="sm" fw={600} component="h2">
          {t('connect:files')}
        </Text>
      )}
      {kit.files.map((file) => (
        <div key={file.name}>
          <Group justify="space-between" gap="xs" mb={4}>
            <Text size="sm" className={`la-mono ${styles.break ?? ''}`}>
              {file.name}
            </Text>
            <Save name={file.name} label={t('connect:downloadShort')} content={file.content} />
          </Group>
          <Code text={file.content} label={file.name} />
        </div>
      ))}
      <div>
        <Text size="sm" fw={600} component="h2">
          {t('connect:ca')}
        </Text>
        <Text size="sm" className={styles.break}>
          {t('connect:caText')} <span className="la-mono">{kit.ca.fingerprint}</span>
        </Text>
        <Group mt={6}>
          <Save name="lachan-ca.pem" label={t('connect:downloadShort')} content={kit.ca.pem} />
        </Group>
      </div>
    </Stack>
  );
}

function Save({ name, label, content }: { name: string; label: string; content: BlobPart }) {
  const { t } = useTranslation(['translation', 'connect']);
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} />}
      aria-label={t('connect:download', { name })}
      onClick={() => {
        save(name, content);
      }}
    >
      {label}
    </Button>
  );
}
