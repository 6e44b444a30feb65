from django.db import migrations

CATEGORIES = [
    ("accounting", "Accounting software", ["Accounting"], True, False, 10),
    ("commerce", "Sales and payments", ["Commerce"], False, True, 20),
    ("banking", "Bank accounts", ["Banking"], False, True, 30),
]


def create_categories(apps, schema_editor):
    Category = apps.get_model("linking", "Category")
    for slug, name, source_types, required, allows_many, order in CATEGORIES:
        Category.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "source_types": source_types,
                "required": required,
                "allows_many": allows_many,
                "order": order,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("linking", "0001_initial")]

    operations = [migrations.RunPython(create_categories, migrations.RunPython.noop)]
