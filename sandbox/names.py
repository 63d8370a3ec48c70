"""Names, area codes and mail domains the demo people are made of. Pure data; every person is invented.

A name that stands more than once is drawn as much more often.
"""

GIVEN = (
    "Adriana", "Alessandra", "Alexandre", "Aline", "Amanda", "Ana", "Ana Beatriz", "Ana Clara", "Ana Luíza",
    "André", "Ângela", "Antônio", "Aparecida", "Arthur", "Bárbara", "Beatriz", "Benedita", "Bernardo",
    "Bianca", "Breno", "Bruna", "Bruno", "Caio", "Camila", "Carlos", "Carolina", "Cátia", "Cauã", "Cecília",
    "Célia", "César", "Cíntia", "Clarice", "Cláudia", "Cláudio", "Cristiane", "Daniel", "Daniela", "Davi",
    "Débora", "Diego", "Edson", "Eduarda", "Eduardo", "Elaine", "Eliane", "Elisângela", "Emanuel", "Enzo",
    "Érica", "Eva", "Fabiana", "Fábio", "Fátima", "Felipe", "Fernanda", "Fernando", "Flávia", "Flávio",
    "Francisca", "Francisco", "Gabriel", "Gabriela", "Geraldo", "Giovana", "Gisele", "Guilherme", "Gustavo",
    "Heitor", "Helena", "Henrique", "Hugo", "Igor", "Inês", "Isabel", "Isabela", "Isadora", "Jaqueline",
    "Jéssica", "João", "João Pedro", "João Vitor", "Joaquim", "Jorge", "José", "Joyce", "Júlia", "Juliana",
    "Júlio", "Kátia", "Laís", "Lara", "Larissa", "Laura", "Leandro", "Letícia", "Lívia", "Lorena", "Luana",
    "Lucas", "Lúcia", "Luciana", "Luís", "Luíza", "Manuela", "Marcela", "Marcelo", "Márcia", "Márcio",
    "Marcos", "Maria", "Maria Clara", "Maria Eduarda", "Maria José", "Mariana", "Marina", "Mário", "Marta",
    "Mateus", "Mauro", "Melissa", "Miguel", "Mônica", "Murilo", "Nádia", "Natália", "Nicolas", "Nívea",
    "Otávio", "Patrícia", "Paula", "Paulo", "Pedro", "Priscila", "Rafael", "Rafaela", "Raimundo", "Raquel",
    "Regina", "Renata", "Renato", "Ricardo", "Rita", "Roberta", "Roberto", "Rodrigo", "Rosângela", "Sabrina",
    "Samuel", "Sandra", "Sara", "Sebastião", "Sérgio", "Sílvia", "Simone", "Sofia", "Sônia", "Taís",
    "Tatiana", "Teresa", "Thiago", "Tomás", "Valéria", "Vanessa", "Vera", "Verônica", "Vicente", "Vinícius",
    "Vítor", "Vitória", "Viviane", "Wagner", "Yara", "Yasmin", "Zélia",
)  # fmt: skip
FAMILY = (
    "Aguiar", "Almeida", "de Almeida", "Alves", "Alves", "Amaral", "Andrade", "de Andrade", "Antunes",
    "Aragão", "Araújo", "Assis", "Azevedo", "Barbosa", "Barros", "Bastos", "Batista", "Bezerra", "Borges",
    "Braga", "Brandão", "Brito", "Caldeira", "Camargo", "Campos", "Cardoso", "Carneiro", "Carvalho",
    "Carvalho", "Castro", "de Castro", "Cavalcanti", "Coelho", "da Conceição", "Correia", "Costa", "da Costa",
    "Costa", "Coutinho", "Cruz", "da Cruz", "Cunha", "da Cunha", "Dantas", "Dias", "Domingues", "Duarte",
    "Esteves", "Farias", "Fernandes", "Ferraz", "Ferreira", "Ferreira", "Figueiredo", "Fonseca", "Franco",
    "França", "Freitas", "de Freitas", "Furtado", "Garcia", "Gomes", "Gomes", "Gonçalves", "Guimarães",
    "Gusmão", "de Jesus", "Lacerda", "Leal", "Leite", "Leão", "Lima", "de Lima", "Lima", "Lopes", "Macedo",
    "Machado", "Magalhães", "Maia", "Marinho", "Marques", "Martins", "Martins", "Matos", "Medeiros",
    "Meireles", "Melo", "Mendes", "Mendonça", "Menezes", "Miranda", "Monteiro", "Moraes", "Moreira", "Mota",
    "Moura", "Muniz", "Nascimento", "do Nascimento", "Neves", "Nogueira", "Novaes", "Nunes", "Oliveira",
    "de Oliveira", "Oliveira", "Oliveira", "Pacheco", "Paiva", "Peixoto", "Pereira", "Pereira", "Pessoa",
    "Pimentel", "Pinheiro", "Pinto", "Pires", "Porto", "Prado", "Queirós", "Ramos", "Rangel", "Rebouças",
    "Reis", "dos Reis", "Rezende", "Ribeiro", "Ribeiro", "Rocha", "da Rocha", "Rodrigues", "Rodrigues",
    "Salgado", "Sampaio", "Santana", "Santos", "dos Santos", "dos Santos", "Santos", "Santos", "Saraiva",
    "Serra", "Silva", "da Silva", "da Silva", "Silva", "Silva", "Silveira", "Simões", "Siqueira", "Soares",
    "Souza", "de Souza", "Souza", "de Sá", "Tavares", "Teixeira", "Teles", "Torres", "Valença", "Vargas",
    "Vasconcelos", "Veloso", "Viana", "Vieira", "Xavier",
)  # fmt: skip
AREA_CODES = (
    "11", "11", "11", "11", "11", "12", "13", "15", "19", "21", "27", "31", "41", "48", "51", "61", "62",
    "71", "81", "85",
)  # fmt: skip
MAIL_DOMAINS = ("cliente.example", "correio.example", "caixa.example")
